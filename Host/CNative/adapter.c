/* A plugin whose tasks are the functions of a library. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnative/native.h"

#define TEXT(literal) {literal, sizeof(literal) - 1}

static void *library;

typedef struct adapter {
  bureau_plugin plugin;
  const bureau_host *host;
} adapter;

static bureau_status setup(bureau_plugin *plugin, bureau_buf configuration) {
  (void)plugin;
  (void)configuration;
  return BUREAU_OK;
}

static void fail(const adapter *adapter, const bureau_task *task, bureau_status status, const char *text) {
  adapter->host->complete(adapter->host, task->call, status, (bureau_buf){NULL, 0}, (bureau_str){text, strlen(text)});
}

static void call_function(const adapter *adapter, const bureau_task *task, void (*function)(void)) {
  const char *problem;
  native_call *call = native_prepare(task->input_json.ptr, task->input_json.len, &problem);
  if (!call) return fail(adapter, task, BUREAU_E_INVALID, problem);
  uint64_t length = 0;
  uint8_t *answer = native_perform(call, function, &length, &problem);
  native_free(call);
  if (!answer) return fail(adapter, task, BUREAU_E_INTERNAL, problem);
  adapter->host->complete(adapter->host, task->call, BUREAU_OK, (bureau_buf){answer, length}, (bureau_str){NULL, 0});
  free(answer);
}

/* The function runs here, on the lane: one call at a time, and the host kills the worker when it does not return. */
static bureau_status begin(bureau_plugin *plugin, const bureau_task *task) {
  const adapter *adapter = plugin->impl;
  char symbol[BUREAU_MAX_NAME_BYTES + 1];
  if (task->type.len >= sizeof symbol || memchr(task->type.ptr, 0, task->type.len)) return BUREAU_E_INVALID;
  memcpy(symbol, task->type.ptr, task->type.len);
  symbol[task->type.len] = 0;
  void (*function)(void);
  *(void **)&function = dlsym(library, symbol);
  if (!function) fail(adapter, task, BUREAU_E_NOT_FOUND, "the library has no such function");
  else call_function(adapter, task, function);
  return BUREAU_OK;
}

static void cancel(bureau_plugin *plugin, bureau_call call, bureau_status reason) {
  (void)plugin;
  (void)call;
  (void)reason;
}

static void on_event(bureau_plugin *plugin, const bureau_event *event) {
  (void)plugin;
  (void)event;
}

static void on_wake(bureau_plugin *plugin, uint64_t token) {
  (void)plugin;
  (void)token;
}

static void destroy(bureau_plugin *plugin) { free(plugin->impl); }

static bureau_status create(const bureau_host *host, bureau_plugin **out) {
  adapter *adapter = calloc(1, sizeof *adapter);
  if (!adapter) return BUREAU_E_BUSY;
  adapter->host = host;
  adapter->plugin = (bureau_plugin){.struct_size = sizeof adapter->plugin,
                                    .impl = adapter,
                                    .setup = setup,
                                    .begin = begin,
                                    .cancel = cancel,
                                    .on_event = on_event,
                                    .on_wake = on_wake,
                                    .destroy = destroy};
  *out = &adapter->plugin;
  return BUREAU_OK;
}

static const bureau_entry *entry(const bureau_host_info *host) {
  (void)host;
  static const char manifest[] = "{}";
  static const bureau_entry entry = {.struct_size = sizeof entry,
                                     .abi_major = BUREAU_ABI_MAJOR,
                                     .abi_minor = BUREAU_ABI_MINOR,
                                     .id = TEXT(NATIVE_PLUGIN_ID),
                                     .version = TEXT(NATIVE_PLUGIN_VERSION),
                                     .toolchain = TEXT("c11"),
                                     .manifest_json = {(const uint8_t *)manifest, sizeof manifest - 1},
                                     .create = create};
  return &entry;
}

lane *native_load(int descriptor, uint32_t is_libc, const lane_sink *sink, const lane_options *options,
                  lane_problem *problem) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  library = is_libc ? dlopen("libc.so.6", RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD)
                    : dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) {
    problem->code = LANE_PROBLEM_LOAD;
    snprintf(problem->text, sizeof problem->text, "the loader refuses the library: %s", dlerror());
    return NULL;
  }
  return lane_open(entry, sink, options, problem);
}
