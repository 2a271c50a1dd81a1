/* The tables between the lane and the plugin: they hand every call on, time it, and change what the flags say. */
#define _GNU_SOURCE
#include <time.h>

#include "internal.h"

/* Wrappers are never reused: a plugin that calls after destroy must meet the lane, not another instance. */
#define WRAPPERS 8192u

static wrapper wrappers[WRAPPERS];
static uint32_t wrapper_count;
static uint64_t expected_number;
static lane_entry_function real_entry;
static const bureau_entry *real_descriptor;
static uint64_t slowest[PROBE_CALLBACKS], fastest[PROBE_CALLBACKS];

uint64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Callbacks run on the lane only, one at a time. */
static void took(int callback, uint64_t since) {
  uint64_t time = nanoseconds() - since;
  if (time > slowest[callback]) slowest[callback] = time;
  if (fastest[callback] == 0 || time < fastest[callback]) fastest[callback] = time;
}

/* The numbers since the last time. */
void wrap_measure(message *message) {
  for (int i = 0; i < PROBE_CALLBACKS; i++) {
    message_number(message, (uint8_t)(PROBE_TAG_SLOWEST + i), slowest[i]);
    message_number(message, (uint8_t)(PROBE_TAG_FASTEST + i), fastest[i]);
    slowest[i] = fastest[i] = 0;
  }
}

static void remark(const char *function, bureau_status status) {
  message message;
  message_start(&message, PROBE_REMARK);
  message_text(&message, PROBE_TAG_TEXT, function, strlen(function));
  message_number(&message, PROBE_TAG_STATUS, (uint64_t)(int64_t)status);
  message_send(&message);
}

/* ---- The host's table, as the plugin sees it -------------------------------------------------------------- */

static const bureau_host *lane_host_of(const bureau_host *host) {
  return ((const wrapper *)((const char *)host - offsetof(wrapper, host)))->lane_host;
}

static const void *host_extension(const bureau_host *host, bureau_str id) {
  const bureau_host *lane_host = lane_host_of(host);
  const void *table = lane_host->get_extension(lane_host, id);
  return probe_flags & PROBE_NO_EXTENSIONS ? NULL : table;
}

static void *host_arena(const bureau_host *host, bureau_call call, uint64_t size, uint64_t align) {
  const bureau_host *lane_host = lane_host_of(host);
  /* The lane's own checks count in every mode. */
  void *block = lane_host->arena_alloc(lane_host, call, size, align);
  if (probe_flags & PROBE_NO_ARENA) return NULL;
  return block && probe_flags & PROBE_STRICT_ARENA ? memory_arena(call, size, align) : block;
}

static bureau_status host_emit(const bureau_host *host, bureau_call call, uint32_t kind, bureau_buf data) {
  const bureau_host *lane_host = lane_host_of(host);
  bureau_status status = lane_host->emit(lane_host, call, kind, data);
  if (status == BUREAU_E_INVALID || status == BUREAU_E_UNSUPPORTED || status == BUREAU_E_TOO_LARGE)
    remark("emit", status);
  return status;
}

static bureau_status host_complete(const bureau_host *host, bureau_call call, bureau_status status,
                                   bureau_buf result, bureau_str text) {
  const bureau_host *lane_host = lane_host_of(host);
  bureau_status done = lane_host->complete(lane_host, call, status, result, text);
  if (done == BUREAU_OK && probe_flags & PROBE_STRICT_ARENA) memory_end_call(call);
  return done;
}

static uint32_t host_is_cancelled(const bureau_host *host, bureau_call call) {
  return lane_host_of(host)->is_cancelled(lane_host_of(host), call);
}

static bureau_status host_wake(const bureau_host *host, uint64_t token) {
  return lane_host_of(host)->wake(lane_host_of(host), token);
}

static void fill_host(wrapper *wrapper, const bureau_host *host) {
  wrapper->lane_host = host;
  /* `impl` too: the services find the instance by it. */
  wrapper->host.table = *host;
  memset(wrapper->host.later, 0xEE, sizeof wrapper->host.later);
  wrapper->host.table.get_extension = host_extension;
  wrapper->host.table.arena_alloc = host_arena;
  wrapper->host.table.emit = host_emit;
  wrapper->host.table.complete = host_complete;
  wrapper->host.table.is_cancelled = host_is_cancelled;
  wrapper->host.table.wake = host_wake;
  if (probe_flags & PROBE_NEWER_HOST) {
    wrapper->host.table.struct_size = sizeof wrapper->host;
    wrapper->host.table.abi_minor = BUREAU_ABI_MINOR + 1;
  }
}

/* ---- The plugin's table, as the lane sees it -------------------------------------------------------------- */

static bureau_status plugin_setup(bureau_plugin *plugin, bureau_buf configuration) {
  wrapper *self = plugin->impl;
  uint64_t start = nanoseconds();
  bureau_status status = self->inner->setup(self->inner, configuration);
  took(PROBE_CALLBACK_SETUP, start);
  return status;
}

static bureau_status plugin_begin(bureau_plugin *plugin, const bureau_task *task) {
  wrapper *self = plugin->impl;
  struct {
    bureau_task task;
    uint8_t later[64];
  } newer = {.task = *task};
  if (probe_flags & PROBE_NEWER_HOST) newer.task.struct_size = sizeof newer;
  uint64_t start = nanoseconds();
  bureau_status status = self->inner->begin(self->inner, &newer.task);
  took(PROBE_CALLBACK_BEGIN, start);
  return status;
}

static void plugin_cancel(bureau_plugin *plugin, bureau_call call, bureau_status reason) {
  wrapper *self = plugin->impl;
  uint64_t start = nanoseconds();
  self->inner->cancel(self->inner, call, reason);
  took(PROBE_CALLBACK_CANCEL, start);
}

static void plugin_event(bureau_plugin *plugin, const bureau_event *event) {
  wrapper *self = plugin->impl;
  struct {
    bureau_event event;
    uint8_t later[64];
  } newer = {.event = *event};
  if (probe_flags & PROBE_NEWER_HOST) newer.event.struct_size = sizeof newer;
  uint64_t start = nanoseconds();
  self->inner->on_event(self->inner, &newer.event);
  took(PROBE_CALLBACK_EVENT, start);
}

static void plugin_wake(bureau_plugin *plugin, uint64_t token) {
  wrapper *self = plugin->impl;
  if (token == QUESTION_TOKEN) return question_answer(self);
  uint64_t start = nanoseconds();
  self->inner->on_wake(self->inner, token);
  took(PROBE_CALLBACK_WAKE, start);
}

static void plugin_destroy(bureau_plugin *plugin) {
  wrapper *self = plugin->impl;
  self->is_open = false;
  uint64_t start = nanoseconds();
  self->inner->destroy(self->inner);
  took(PROBE_CALLBACK_DESTROY, start);
}

static const void *plugin_extension(bureau_plugin *plugin, bureau_str id) {
  wrapper *self = plugin->impl;
  return self->inner->get_extension(self->inner, id);
}

/* A null function stays null and a small struct stays small, so that the lane's own check sees them. */
static void fill_outer(wrapper *wrapper) {
  const bureau_plugin *inner = wrapper->inner;
  bureau_plugin *outer = &wrapper->outer;
  outer->struct_size = inner->struct_size < sizeof *outer ? inner->struct_size : sizeof *outer;
  outer->impl = wrapper;
  if (inner->struct_size < offsetof(bureau_plugin, destroy) + sizeof inner->destroy) return;
  outer->setup = inner->setup ? plugin_setup : NULL;
  outer->begin = inner->begin ? plugin_begin : NULL;
  outer->cancel = inner->cancel ? plugin_cancel : NULL;
  outer->on_event = inner->on_event ? plugin_event : NULL;
  outer->on_wake = inner->on_wake ? plugin_wake : NULL;
  outer->destroy = inner->destroy ? plugin_destroy : NULL;
  outer->get_extension = BUREAU_HAS(inner, get_extension) ? plugin_extension : NULL;
}

static bureau_status wrapped_create(const bureau_host *host, bureau_plugin **out) {
  if (wrapper_count == WRAPPERS) return BUREAU_E_BUSY;
  wrapper *fresh = &wrappers[wrapper_count++];
  fill_host(fresh, host);
  fresh->number = expected_number;
  uint64_t start = nanoseconds();
  bureau_status status = real_descriptor->create(&fresh->host.table, &fresh->inner);
  took(PROBE_CALLBACK_CREATE, start);
  if (status != BUREAU_OK || !fresh->inner) return status;
  fill_outer(fresh);
  fresh->is_open = true;
  *out = &fresh->outer;
  return BUREAU_OK;
}

void wrap_expect(uint64_t number) { expected_number = number; }

wrapper *wrap_find(uint64_t number) {
  for (uint32_t i = wrapper_count; i > 0; i--)
    if (wrappers[i - 1].number == number) return wrappers[i - 1].is_open ? &wrappers[i - 1] : NULL;
  return NULL;
}

void wrap_entry(lane_entry_function entry) { real_entry = entry; }

const bureau_entry *wrapped_entry(const bureau_host_info *info) {
  static struct {
    bureau_host_info info;
    uint8_t later[64];
  } newer;
  static bureau_entry copy;
  newer.info = *info;
  if (probe_flags & PROBE_NEWER_HOST) {
    newer.info.struct_size = sizeof newer;
    newer.info.abi_minor += 1;
  }
  real_descriptor = real_entry(&newer.info);
  if (!real_descriptor) return NULL;
  copy = (bureau_entry){0};
  memcpy(&copy, real_descriptor,
         real_descriptor->struct_size < sizeof copy ? real_descriptor->struct_size : sizeof copy);
  copy.struct_size = real_descriptor->struct_size;
  if (copy.create) copy.create = wrapped_create;
  return &copy;
}
