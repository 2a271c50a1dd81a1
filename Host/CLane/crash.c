/* The host's side of the crash page. */
#define _GNU_SOURCE
#include "clane/crash.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int lane_crash_page(void) {
  int descriptor = memfd_create("crash", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) return -errno;
  if (ftruncate(descriptor, LANE_CRASH_BYTES) < 0 ||
      fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
    int error = errno;
    close(descriptor);
    return -error;
  }
  return descriptor;
}

int lane_crash_read(int descriptor, lane_crash *out) {
  memset(out, 0, sizeof *out);
  if (pread(descriptor, out, sizeof *out, 0) != (ssize_t)sizeof *out) return 0;
  if (out->state != LANE_CRASH_BEGUN && out->state != LANE_CRASH_DONE) return 0;
  if (out->state == LANE_CRASH_BEGUN) out->frame_count = 0;
  if (out->frame_count > LANE_CRASH_FRAMES) out->frame_count = LANE_CRASH_FRAMES;
  if (out->object_count > LANE_CRASH_OBJECTS) out->object_count = LANE_CRASH_OBJECTS;
  out->thread[sizeof out->thread - 1] = 0;
  for (uint32_t i = 0; i < LANE_CRASH_OBJECTS; i++) out->objects[i].name[sizeof out->objects[i].name - 1] = 0;
  return 1;
}
