/* A lane as a whole: opening, frames from the host, closing. */
#define _GNU_SOURCE
#include "clane/lane.h"

#include <stdlib.h>
#include <time.h>

#include "internal.h"

_Thread_local instance *lane_current;
_Thread_local uint64_t lane_current_call;

lane *lane_open(lane_entry_function entry, const lane_sink *sink, const lane_options *options,
                lane_problem *problem) {
  const bureau_entry *checked = entry_check(entry, options, problem);
  if (!checked) return NULL;
  lane *fresh = calloc(1, sizeof *fresh);
  if (!fresh) {
    problem_set(problem, LANE_PROBLEM_BUSY, "no memory for the lane");
    return NULL;
  }
  fresh->sink = *sink;
  fresh->entry = checked;
  fresh->log_level = options->log_level;
  fresh->number = options->number;
  fresh->free_operation = NO_SLOT;
  pthread_mutex_init(&fresh->mutex, NULL);
  return fresh;
}

void lane_close(lane *lane) {
  instances_close(lane);
  operations_close(lane);
  calls_close(lane);
  free(lane->wakes);
  pthread_mutex_destroy(&lane->mutex);
  free(lane);
}

const bureau_entry *lane_entry(const lane *lane) { return lane->entry; }

void lane_executing(uint64_t *call, uint64_t *instance, uint32_t *lane) {
  *call = lane_current_call;
  *instance = lane_current ? lane_current->number : UINT64_MAX;
  *lane = lane_current ? lane_current->lane->number + 1u : 0;
}

void lane_send_ready(lane *lane) {
  const bureau_entry *entry = lane->entry;
  field_writer writer;
  writer_init(&writer);
  writer_number(&writer, LANE_PROTOCOL, LANE_PROTOCOL_VERSION);
  writer_number(&writer, LANE_ABI_MAJOR, entry->abi_major);
  writer_number(&writer, LANE_ABI_MINOR, entry->abi_minor);
  writer_bytes(&writer, LANE_ID, entry->id.ptr, entry->id.len);
  writer_bytes(&writer, LANE_VERSION, entry->version.ptr, entry->version.len);
  writer_bytes(&writer, LANE_TOOLCHAIN, entry->toolchain.ptr, entry->toolchain.len);
  writer_bytes(&writer, LANE_MANIFEST, entry->manifest_json.ptr, entry->manifest_json.len);
  writer_send(&writer, lane, LANE_READY, 0, 0);
}

/* A call for an instance that failed to come up again ends like a refused one. */
static void refuse(lane *lane, uint64_t call) {
  static const char text[] = "the agent is not there: it was removed, or its setup failed after a restart";
  field_writer writer;
  writer_init(&writer);
  writer_number(&writer, LANE_STATUS, (uint64_t)(int64_t)BUREAU_E_NOT_FOUND);
  writer_bytes(&writer, LANE_TEXT, text, sizeof text - 1);
  writer_send(&writer, lane, LANE_COMPLETE, call, 0);
}

static void begin(lane *lane, const lane_header *header, const field_table *fields) {
  instance *owner = instance_find(lane, header->op);
  if (!owner) return refuse(lane, header->call);
  bureau_task task = {.struct_size = sizeof task,
                      .attempt = (uint32_t)field_number(fields, LANE_ATTEMPT),
                      .call = header->call,
                      .type = field_str(fields, LANE_TASK),
                      .input_json = field_buf(fields, LANE_DATA),
                      .idempotency_key = field_str(fields, LANE_IDEMPOTENCY),
                      .run_id = field_str(fields, LANE_RUN),
                      .timeout_ms = field_number(fields, LANE_TIMEOUT)};
  call_begin(lane, owner, &task);
}

static void cancel(lane *lane, const lane_header *header, const field_table *fields) {
  call_slot *slot = call_find(lane, header->call);
  if (!slot) return;
  atomic_store_explicit(&slot->cancelled, 1, memory_order_relaxed);
  instance *owner = atomic_load(&slot->owner);
  lane_current = owner;
  lane_current_call = header->call;
  owner->plugin->cancel(owner->plugin, header->call, (bureau_status)field_number(fields, LANE_STATUS));
  lane_current_call = 0;
  lane_current = NULL;
}

static void event(lane *lane, const lane_header *header, const field_table *fields) {
  bureau_usage usage = {.struct_size = sizeof usage,
                        .present = (uint32_t)field_number(fields, LANE_USAGE_PRESENT),
                        .input_tokens = field_number(fields, LANE_USAGE_INPUT),
                        .cached_read_tokens = field_number(fields, LANE_USAGE_CACHED_READ),
                        .cache_write_tokens = field_number(fields, LANE_USAGE_CACHE_WRITE),
                        .output_tokens = field_number(fields, LANE_USAGE_OUTPUT),
                        .reasoning_tokens = field_number(fields, LANE_USAGE_REASONING),
                        .cost_nanodollars = (int64_t)field_number(fields, LANE_USAGE_COST)};
  bool used = usage.present != 0 || usage.cost_nanodollars != 0;
  bureau_event event = {.struct_size = sizeof event,
                        .kind = (uint32_t)field_number(fields, LANE_KIND),
                        .call = header->call,
                        .op = header->op,
                        .status = (bureau_status)field_number(fields, LANE_STATUS),
                        .flags = (uint32_t)field_number(fields, LANE_FLAGS),
                        .value = field_number(fields, LANE_VALUE),
                        .data = field_buf(fields, LANE_DATA),
                        .message = field_str(fields, LANE_TEXT),
                        .usage = used ? &usage : NULL};
  operation_deliver(lane, &event);
}

int32_t lane_dispatch(lane *lane, const lane_header *header, const uint8_t *body) {
  field_table fields;
  if (!fields_read(&fields, body, header->length)) return -1;
  switch (header->kind) {
    case LANE_CREATE: instance_create(lane, header->op, field_buf(&fields, LANE_DATA)); return 0;
    case LANE_DESTROY: instance_destroy(lane, header->op); return 0;
    case LANE_BEGIN: begin(lane, header, &fields); return 0;
    case LANE_CANCEL: cancel(lane, header, &fields); return 0;
    case LANE_EVENT: event(lane, header, &fields); return 0;
    case LANE_PING: {
      field_writer writer;
      writer_init(&writer);
      writer_send(&writer, lane, LANE_PONG, 0, header->op);
      return 0;
    }
    case LANE_QUIESCE:
    case LANE_SAVE:
    case LANE_LOAD:
    case LANE_RESUME:
    case LANE_PROBE: reload_answer(lane, header, &fields); return 0;
    default: return -1;
  }
}

uint64_t lane_measure(lane *lane, uint32_t number, const char *type, uint64_t count) {
  instance *owner = instance_find(lane, number);
  if (!owner) return 0;
  bureau_task task = {.struct_size = sizeof task, .attempt = 1, .type = {type, strlen(type)}};
  task.input_json = (bureau_buf){(const uint8_t *)"{}", 2};
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (uint64_t i = 1; i <= count; i++) {
    task.call = i << LANE_CALL_SLOT_BITS;
    call_begin(lane, owner, &task);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  return (uint64_t)(end.tv_sec - start.tv_sec) * 1000000000u + (uint64_t)(end.tv_nsec - start.tv_nsec);
}
