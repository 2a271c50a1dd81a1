/* bureau-worker: a process around one plugin, or a few. Started by the host only; see README.md. */
#define _GNU_SOURCE
#include <cnative/native.h>
#include <cprobe/probe.h>
#include <csandbox/sandbox.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "worker.h"

#define ARENAS 4

static lane_ring *ring;
static input *frames;
static lane *only_lane; /* of a plugin alone */

static void wake(void *context) {
  (void)context;
  lane_ring_rouse(ring);
}

static void pump(void *context) {
  (void)context;
  input_pump(frames, only_lane);
}

static int refuse(uint16_t lane, int32_t code, const char *text) {
  lane_problem problem = {.code = code};
  snprintf(problem.text, sizeof problem.text, "%s", text ? text : "unknown reason");
  output_refuse(lane, &problem);
  return 1;
}

typedef struct hello_numbers {
  uint64_t protocol, memory_bytes, cpu_seconds, load;
} hello_numbers;

/* Copies a text field of HELLO, and reads its numbers. */
static void read_hello(const lane_header *header, const uint8_t *body, char version[64], lane_options *options,
                       hello_numbers *numbers) {
  *numbers = (hello_numbers){0};
  for (uint32_t at = 0; at + 5 <= header->length;) {
    uint8_t tag = body[at++];
    uint64_t value = 0;
    uint32_t size = tag & 0x80 ? 8 : 4;
    if (header->length - at < size) return;
    memcpy(&value, body + at, size);
    at += size;
    if (tag == LANE_PROTOCOL) numbers->protocol = value;
    if (tag == LANE_MEMORY) numbers->memory_bytes = value;
    if (tag == LANE_CPU) numbers->cpu_seconds = value;
    if (tag == LANE_KIND) numbers->load = value;
    if (tag == LANE_LEVEL) options->log_level = (int32_t)value;
    if (tag & 0x80) continue;
    if (value > header->length - at) return;
    if (tag == LANE_VERSION && value < 64) memcpy(version, body + at, value);
    at += (uint32_t)value;
  }
}

/* A plugin, or the functions of a plain library. */
static lane *open_lane(int file, uint64_t load, const lane_sink *sink, const lane_options *options,
                       lane_problem *problem) {
  if (load == LANE_LOAD_PLUGIN) return lane_load(file, sink, options, problem);
  return native_load(file, load == LANE_LOAD_LIBC, sink, options, problem);
}

static void refuse_all(uint32_t count, int32_t code, const char *text) {
  for (uint32_t i = 0; i < count; i++) refuse((uint16_t)i, code, text);
}

/* One lane, on this thread: one frame or wake at a time, until the host says goodbye. */
static int run(void) {
  bool more;
  do {
    lane_header header;
    const uint8_t *body;
    while (input_next(frames, &header, &body)) {
      if (header.lane != 0 || lane_dispatch(only_lane, &header, body) < 0) return LANE_WORKER_EXIT_BROKEN;
      lane_run_wakes(only_lane);
    }
    more = lane_run_wakes(only_lane);
  } while (input_fill(frames, !more));
  return 0;
}

/* Loads each file of HELLO into a lane. A file that is refused leaves its place empty. Returns how many are loaded. */
static uint32_t load(const int *files, uint32_t count, uint64_t kind, lane_options *options, lane **lanes) {
  uint32_t loaded = 0;
  for (uint32_t i = 0; i < count; i++) {
    options->number = (uint16_t)i;
    const lane_sink sink = count > 1 ? lanes_sink((uint16_t)i) : (lane_sink){NULL, output_send, wake, pump};
    lane_problem problem;
    lanes[i] = open_lane(files[i], kind, &sink, options, &problem);
    if (lanes[i]) loaded++;
    else output_refuse((uint16_t)i, &problem);
  }
  return loaded;
}

/* Waits for HELLO, loads what comes with it, and serves until the host says goodbye. Returns how the process exits. */
static int serve(void) {
  static char version[64];
  lane_options options = {"bureau", version, BUREAU_LOG_INFO, 0};
  lane_header header;
  const uint8_t *body;
  hello_numbers numbers;
  int files[LANE_MAX_DESCRIPTORS];
  uint32_t count = input_first(frames, &header, &body, files);
  read_hello(&header, body, version, &options, &numbers);
  if (header.kind != LANE_HELLO || numbers.protocol != LANE_PROTOCOL_VERSION)
    return refuse(0, LANE_PROBLEM_LOAD, "host and worker speak different protocol versions");
  if (count == 0 || (count > 1 && numbers.load != LANE_LOAD_PLUGIN))
    return refuse(0, LANE_PROBLEM_LOAD, "the host handed over no plugin file, or several libraries");
  int limited = sandbox_limit(numbers.memory_bytes, numbers.cpu_seconds);
  if (limited < 0) {
    refuse_all(count, LANE_PROBLEM_LOAD, strerror(-limited));
    return 1;
  }
  lane *lanes[LANE_MAX_DESCRIPTORS] = {NULL};
  if (load(files, count, numbers.load, &options, lanes) == 0) return 1;
  crash_note_objects(files, count);
  for (uint32_t i = 0; i < count; i++) close(files[i]); /* not before all are loaded: a number is a library's name */
  if (sandbox_seal() < 0) {
    refuse_all(count, LANE_PROBLEM_LOAD, "a thread that a plugin started while it was loaded cannot be confined");
    return 1;
  }
  only_lane = lanes[0];
  for (uint32_t i = 0; i < count; i++) {
    if (!lanes[i]) continue;
    if (count > 1 && !lanes_start((uint16_t)i, lanes[i])) refuse((uint16_t)i, LANE_PROBLEM_BUSY, "no thread for it");
    else lane_send_ready(lanes[i]);
  }
  return count > 1 ? lanes_route(frames) : run();
}

/* The mode, then folders with libraries, parted by colons. */
static void confine(int count, char **arguments) {
  /* Each arena reserves address space, which the memory limit counts. */
  mallopt(M_ARENA_MAX, ARENAS);
  sandbox_options options = {.last_descriptor = LANE_WORKER_LAST};
  for (char *rest = count > 2 ? arguments[2] : NULL, *folder; (folder = strsep(&rest, ":"));)
    if (folder[0] == '/' && options.folder_count < SANDBOX_MAX_FOLDERS)
      options.folders[options.folder_count++] = folder;
  static sandbox_report report;
  sandbox_enter(&options, &report);
  output_confined(report.text, report.length);
}

int main(int count, char **arguments) {
  const bool checks = count > 1 && strcmp(arguments[1], "--check") == 0;
  confine(count, arguments);
  if (checks) return probe_serve(LANE_WORKER_SOCKET, sandbox_seal);
  crash_install();
  ring = lane_ring_open(LANE_WORKER_SOCKET, LANE_WORKER_RING);
  frames = ring ? input_open(ring) : NULL;
  if (!frames) return 1;
  output_open(ring);
  /* Not by `exit`: nothing of the plugins runs after their lanes. */
  _exit(serve());
}
