/* crash.h: the page on which a worker that is dying by a signal says where it was.
 *
 * The page is a memory file of LANE_CRASH_BYTES that the host makes and the worker maps. The handler in the worker
 * writes it without locks or memory (BureauWorker/crash.c); the host reads it once, after the end of the process,
 * into its own copy. All of it is hostile: plugin code may have written there. */
#ifndef CLANE_CRASH_H
#define CLANE_CRASH_H

#include <stdint.h>

#define LANE_CRASH_BYTES 8192u
#define LANE_CRASH_FRAMES 64u
#define LANE_CRASH_OBJECTS 48u
#define LANE_CRASH_NO_INSTANCE UINT64_MAX

enum {
  LANE_CRASH_NONE = 0,
  LANE_CRASH_BEGUN, /* all but the frames may be read */
  LANE_CRASH_DONE
};

/* A loaded object: an address minus its bias is an address of its file. */
typedef struct lane_crash_object {
  uint64_t bias, start, end;
  uint32_t plugin; /* one above its place in HELLO; 0: not a plugin */
  char name[44];   /* the last part of its path */
} lane_crash_object;

typedef struct lane_crash {
  uint32_t state;
  int32_t signal;
  int32_t code; /* si_code */
  uint32_t has_address;
  uint64_t address; /* of the fault */
  uint64_t pc;
  uint64_t call;     /* whose callback ran on this thread; 0: none */
  uint64_t instance; /* whose callback ran on this thread; LANE_CRASH_NO_INSTANCE: none */
  char thread[16];
  uint32_t frame_count;
  uint32_t found_from; /* frames from here on were found by looking through the stack: they may be stale */
  uint32_t object_count;
  uint32_t lane; /* whose callback ran on this thread: one above its place in HELLO; 0: none */
  uint64_t frames[LANE_CRASH_FRAMES]; /* return addresses, innermost first */
  lane_crash_object objects[LANE_CRASH_OBJECTS];
} lane_crash;

_Static_assert(sizeof(lane_crash) <= LANE_CRASH_BYTES, "a report fits its page");

/* Makes the page: a memory file that cannot change its size. The descriptor, or -errno. */
int lane_crash_page(void);

/* Copies the page once and bounds every count and text in the copy. 1 when there is a report in it. */
int lane_crash_read(int descriptor, lane_crash *out);

#endif
