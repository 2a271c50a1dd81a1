/* internal.h: what the files of this folder share. */
#ifndef CLANE_INTERNAL_H
#define CLANE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "clane/lane.h"

#define SLOTS_PER_CHUNK 256u
#define CALL_SLOT_MASK (LANE_MAX_CALLS - 1u)
#define CALL_CHUNKS (LANE_MAX_CALLS / SLOTS_PER_CHUNK)
#define OPERATION_SLOT_BITS 20u
#define OPERATION_SLOT_MASK (LANE_MAX_OPERATIONS - 1u)
#define OPERATION_CHUNKS (LANE_MAX_OPERATIONS / SLOTS_PER_CHUNK)
#define NO_SLOT UINT32_MAX

/* The life of an instance, in order. The plugin may call the host in SETTING_UP and READY only. */
enum instance_state { INSTANCE_CREATING = 0, INSTANCE_SETTING_UP, INSTANCE_READY, INSTANCE_GONE };

typedef struct instance {
  bureau_host host; /* first: what the plugin holds */
  struct lane *lane;
  bureau_plugin *plugin;
  uint32_t number;
  _Atomic uint32_t state;
  _Atomic uint32_t early_calls;
  const char *early_function;  /* the first one called too early */
  struct instance *next_grave; /* a destroyed instance stays a while, so that a late call meets a refusal */
} instance;

typedef struct arena_chunk {
  struct arena_chunk *next;
  uint64_t capacity;
  uint64_t used;
  uint8_t bytes[];
} arena_chunk;

/* One call. `handle` alone says whether it is open: begin stores it, and whoever swaps it to 0 has ended the call,
 * which makes complete exactly-once without a lock. The arena belongs to the lane's thread. */
typedef struct call_slot {
  _Atomic uint64_t handle;
  _Atomic(instance *) owner;
  _Atomic uint32_t cancelled;
  _Atomic uint32_t operations;       /* how many are in the list; a hint for the path without a lock */
  _Atomic uint64_t completed_handle; /* the last one that the plugin completed */
  uint32_t first_operation;          /* under the lane's mutex */
  arena_chunk *arena;                /* newest first */
  uint64_t arena_bytes;
} call_slot;

/* An event that came before the function that started its operation had returned. */
typedef struct held_event {
  struct held_event *next;
  bureau_event event;
  bureau_usage usage;
  uint8_t bytes[];
} held_event;

/* One operation, under the lane's mutex. */
typedef struct operation_slot {
  uint64_t handle; /* 0: free */
  uint64_t generation;
  uint64_t call;
  uint64_t token;
  uint32_t next, previous; /* in the call's list; `next` also in the free list */
  bool starting;           /* its function has not returned yet */
  bool ended;              /* a terminal event is among the held ones */
  held_event *held_first, *held_last;
} operation_slot;

typedef struct wake_entry {
  instance *owner;
  uint64_t token;  /* or, without an owner, an operation whose held events may go */
} wake_entry;

/* At most so many in each second; the rest is counted. */
typedef struct limiter {
  uint64_t second;
  uint32_t passed;
  uint64_t dropped;
} limiter;

struct lane {
  lane_sink sink;
  const bureau_entry *entry;
  int32_t log_level;
  uint16_t number;
  uint64_t pumped_at; /* milliseconds; on the lane only */

  _Atomic(call_slot *) calls[CALL_CHUNKS];
  instance **instances; /* by number; on the lane only */
  uint32_t instance_capacity;
  instance *graves_first, *graves_last;
  uint32_t grave_count;

  pthread_mutex_t mutex; /* guards all below */
  operation_slot *operations[OPERATION_CHUNKS];
  uint32_t operation_chunks;
  uint32_t free_operation;
  wake_entry *wakes; /* a ring */
  uint32_t wake_capacity, wake_first, wake_count;
  limiter emits, logs, reports;
};

/* The instance whose callback runs on this thread, or null. */
extern _Thread_local instance *lane_current;

/* The call whose callback runs on this thread, or 0. */
extern _Thread_local uint64_t lane_current_call;

/* lane_text.c */
bool lane_is_utf8(const void *bytes, uint64_t length);
uint64_t lane_milliseconds(void);

/* lane_fields.c: writing a frame's fields as pieces, without copying what is large. */
#define WRITER_PIECES 24
typedef struct field_writer {
  lane_piece pieces[WRITER_PIECES];
  uint32_t count;
  uint32_t used;      /* of `heads` */
  uint32_t run_start; /* where the head bytes that are not yet a piece begin */
  uint64_t length;
  uint8_t heads[384];
} field_writer;

void writer_init(field_writer *writer);
void writer_number(field_writer *writer, uint8_t tag, uint64_t value);
void writer_bytes(field_writer *writer, uint8_t tag, const void *bytes, uint64_t length);
void writer_send(field_writer *writer, lane *lane, uint16_t kind, uint64_t call, uint64_t op);

/* Reading them: fields by tag. */
typedef struct field_table {
  uint64_t numbers[32]; /* by tag - 0x80 */
  lane_piece bytes[32]; /* by tag */
} field_table;

bool fields_read(field_table *table, const uint8_t *body, uint64_t length);
static inline uint64_t field_number(const field_table *t, uint8_t tag) { return t->numbers[tag - 0x80]; }
static inline bureau_buf field_buf(const field_table *t, uint8_t tag) {
  return (bureau_buf){t->bytes[tag].ptr, t->bytes[tag].len};
}
static inline bureau_str field_str(const field_table *t, uint8_t tag) {
  return (bureau_str){t->bytes[tag].ptr, t->bytes[tag].len};
}

/* lane_check.c */
const bureau_entry *entry_check(lane_entry_function entry, const lane_options *options, lane_problem *problem);
bool plugin_check(const bureau_plugin *plugin, lane_problem *problem);
void problem_set(lane_problem *problem, int32_t code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* lane_instances.c */
instance *instance_of(const bureau_host *host, const char *function);
instance *instance_find(lane *lane, uint64_t number);
void instance_create(lane *lane, uint64_t number, bureau_buf configuration);
void instance_destroy(lane *lane, uint64_t number);
void instances_close(lane *lane);

/* lane_calls.c */
call_slot *call_find(lane *lane, uint64_t handle);
void call_begin(lane *lane, instance *owner, bureau_task *task);
bool call_close(lane *lane, call_slot *slot, uint64_t handle);
void calls_end(lane *lane, instance *owner);
void calls_close(lane *lane);
void calls_fill_host(bureau_host *host);
bool limiter_pass(limiter *limiter, uint32_t per_second, uint64_t *dropped);

/* lane_operations.c */
bureau_status operation_open(lane *lane, call_slot *slot, uint64_t call, uint64_t token, bureau_op *out);
void operation_started(lane *lane, bureau_op op);
void operations_drop(lane *lane, call_slot *slot, uint64_t call);
void operation_deliver(lane *lane, bureau_event *event);
void operation_release_held(lane *lane, bureau_op op);
bool operation_call(lane *lane, instance *owner, bureau_op op, uint64_t *call);
void operations_close(lane *lane);

/* lane_wakes.c */
bureau_status wake_add(lane *lane, instance *owner, uint64_t token);
void wake_add_locked(lane *lane, instance *owner, uint64_t token, bureau_status *status);
void wakes_forget(lane *lane, instance *owner);

/* lane_reload.c */
void reload_answer(lane *lane, const lane_header *header, const field_table *fields);

/* lane_services.c, lane_log.c */
const void *service_table(bureau_str id);
extern const bureau_host_log lane_log_table;
extern const bureau_host_lane_check lane_check_table;
extern const bureau_host_operation lane_operation_table;
void lane_misbehaved(lane *lane, uint64_t call, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
