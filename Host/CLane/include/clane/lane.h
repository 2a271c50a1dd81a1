/* lane.h: the one implementation of the host's side of the ABI, for one loaded plugin.
 *
 * A lane owns the `bureau_host` tables that a plugin sees, the handles of calls and operations, the arenas, the
 * checks of every rule in bureau/ headers, and nothing else: it starts no thread and opens no file. What the host
 * wants goes in as frames (wire.h) by `lane_dispatch`; what the plugin wants comes out as frames at the sink.
 * A worker process and the inline placement differ only in how they carry those frames.
 *
 * THREADS. Functions tagged [lane] are called by the owner from one thread at a time. Those tagged [any] may be
 * called from any thread. The sink is called on the thread of the plugin that caused it, with no lock held.
 */
#ifndef CLANE_LANE_H
#define CLANE_LANE_H

#include <bureau/bureau.h>
#include <stdint.h>

#include "wire.h"

/* Bounds. Past them a plugin gets BUREAU_E_BUSY, BUREAU_E_TOO_LARGE or null. */
#define LANE_MAX_CALLS 65536u
#define LANE_MAX_OPERATIONS_PER_CALL 4096u
#define LANE_MAX_OPERATIONS (1u << 20)
#define LANE_MAX_INSTANCES 65536u
#define LANE_MAX_ARENA_BYTES 33554432u
#define LANE_MAX_WAKES 65536u
#define LANE_MAX_LOG_BYTES 8192u
#define LANE_MAX_EMIT_BYTES 65536u
#define LANE_EMITS_PER_SECOND 2000u
#define LANE_LOGS_PER_SECOND 500u
#define LANE_REPORTS_PER_SECOND 50u

/* A call's handle is its generation above its slot; the host issues it, and it is never issued twice. */
#define LANE_CALL_SLOT_BITS 16u

typedef struct lane lane;

typedef struct lane_piece {
  const void *ptr;
  uint64_t len;
} lane_piece;

/* The pieces, joined, are the body. Borrowed until `send` returns. */
typedef struct lane_frame {
  lane_header header;
  const lane_piece *pieces;
  uint64_t count;
} lane_frame;

typedef struct lane_sink {
  void *context;
  /* [any] Carries a frame to the host. */
  void (*send)(void *context, const lane_frame *frame);
  /* [any] Something waits for `lane_run_wakes`; called only from outside the lane. */
  void (*wake)(void *context);
  /* [lane] Called at most once a millisecond while a plugin asks `is_cancelled` on the lane: look for cancels and
   * pass them to `lane_mark_cancelled`. May be null. */
  void (*pump)(void *context);
} lane_sink;

typedef struct lane_options {
  const char *host_name;
  const char *host_version;
  int32_t log_level; /* lines below are dropped */
  uint16_t number;   /* of the lane in its process; stands in its frames */
} lane_options;

typedef struct lane_problem {
  int32_t code; /* LANE_PROBLEM_… */
  char text[512];
} lane_problem;

typedef const bureau_entry *(*lane_entry_function)(const bureau_host_info *host);

/* [lane] Asks the entry function for its descriptor and checks it. Null with a problem that names the field and
 * both values. */
lane *lane_open(lane_entry_function entry, const lane_sink *sink, const lane_options *options,
                lane_problem *problem);

/* [lane] The first half of `lane_load`: the plugin's entry function, not called yet. */
lane_entry_function lane_load_entry(int descriptor, lane_problem *problem);

/* [lane] Loads the plugin that `descriptor` holds and opens it. It is never unloaded: Swift's runtime keeps pointers
 * into its libraries. The loader knows a library by its path, /proc/self/fd/<descriptor>: a caller that loads more
 * than one must never close the descriptor. */
lane *lane_load(int descriptor, const lane_sink *sink, const lane_options *options, lane_problem *problem);

/* [lane] Ends what is left and frees the lane. No thread of the plugin may be running. */
void lane_close(lane *lane);

/* The checked descriptor. */
const bureau_entry *lane_entry(const lane *lane);

/* [any] Sends READY, with `sandbox` as its report. */
void lane_send_ready(lane *lane);

/* [lane] Carries out one frame from the host. 0, or -1 when the frame is malformed. */
int32_t lane_dispatch(lane *lane, const lane_header *header, const uint8_t *body);

/* [lane] Delivers the wakes and the held events that wait now. 1 when more came meanwhile. */
uint32_t lane_run_wakes(lane *lane);

/* [any] From now on `is_cancelled` answers 1. The callback comes by the CANCEL frame. */
void lane_mark_cancelled(lane *lane, uint64_t call);

/* [any] Ends a call without an answer: its handle is stale from now on, and no COMPLETE follows. 1 when it was open. */
uint32_t lane_abandon(lane *lane, uint64_t call);

/* [any] The call, the instance and the lane (one above its number) whose callback runs on this thread; 0, UINT64_MAX
 * and 0 where there is none. Safe in a signal handler. */
void lane_executing(uint64_t *call, uint64_t *instance, uint32_t *lane);

/* [lane] Begins `count` tasks one after the other on `instance`, which must complete each inside `begin`, and
 * returns the nanoseconds they took. For the benchmark of the bare boundary. */
uint64_t lane_measure(lane *lane, uint32_t instance, const char *task, uint64_t count);

#endif
