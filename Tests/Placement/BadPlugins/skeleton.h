/* skeleton.h: a small correct plugin; each file beside this one breaks one rule by a macro or a function. */
#include <bureau/bureau.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef ABI_MAJOR
#define ABI_MAJOR BUREAU_ABI_MAJOR
#endif
#ifndef STRUCT_SIZE
#define STRUCT_SIZE sizeof(bureau_entry)
#endif
#ifndef VERSION
#define VERSION "1.0.0"
#endif
#ifndef MANIFEST
#define MANIFEST                                                                                         \
  "{\"manifest_version\":1,\"department\":\"test\",\"title\":\"Test\",\"summary\":\"A test plugin.\","      \
  "\"tasks\":[{\"name\":\"run\",\"summary\":\"Runs.\",\"input_schema\":{},\"output_schema\":{}}]}"
#endif
#ifndef PLUGIN_ID
#define PLUGIN_ID "org.example.test"
#endif
#define TEXT(literal) ((bureau_str){literal, sizeof(literal) - 1})
#define BYTES(literal) ((bureau_buf){(const uint8_t *)(literal), sizeof(literal) - 1})

typedef struct agent {
  bureau_plugin plugin;
  const bureau_host *host;
  bureau_buf configuration;
} agent;

/* What each plugin brings. */
static bureau_status on_begin(agent *agent, const bureau_task *task);
static void on_event(agent *agent, const bureau_event *event);
static void on_cancel(agent *agent, bureau_call call, bureau_status reason);
static bureau_status on_create(const bureau_host *host);

static inline bureau_status finish(agent *agent, bureau_call call, const char *text) {
  bureau_buf result = {(const uint8_t *)text, strlen(text)};
  return agent->host->complete(agent->host, call, BUREAU_OK, result, (bureau_str){NULL, 0});
}

static inline bureau_status fail(agent *agent, bureau_call call, bureau_status status, const char *text) {
  return agent->host->complete(agent->host, call, status, (bureau_buf){NULL, 0}, (bureau_str){text, strlen(text)});
}

static inline bool task_is(const bureau_task *task, const char *name) {
  return task->type.len == strlen(name) && memcmp(task->type.ptr, name, task->type.len) == 0;
}

static inline const void *extension(agent *agent, const char *id) {
  return agent->host->get_extension(agent->host, (bureau_str){id, strlen(id)});
}

static bureau_status skeleton_setup(bureau_plugin *plugin, bureau_buf configuration) {
  agent *self = plugin->impl;
  if (configuration.len == 4 && memcmp(configuration.ptr, "fail", 4) == 0) return BUREAU_E_INVALID;
  uint8_t *copy = malloc(configuration.len + 1);
  if (configuration.len) memcpy(copy, configuration.ptr, configuration.len);
  copy[configuration.len] = 0;
  self->configuration = (bureau_buf){copy, configuration.len};
  return BUREAU_OK;
}
static bureau_status skeleton_begin(bureau_plugin *plugin, const bureau_task *task) {
  return on_begin(plugin->impl, task);
}
static void skeleton_cancel(bureau_plugin *plugin, bureau_call call, bureau_status reason) {
  on_cancel(plugin->impl, call, reason);
}
static void skeleton_event(bureau_plugin *plugin, const bureau_event *event) { on_event(plugin->impl, event); }
#ifndef OWN_WAKE
static void skeleton_wake(bureau_plugin *plugin, uint64_t token) {
  (void)plugin;
  (void)token;
}
#else
static void skeleton_wake(bureau_plugin *plugin, uint64_t token);
#endif
static void skeleton_destroy(bureau_plugin *plugin) {
  agent *self = plugin->impl;
  free((void *)self->configuration.ptr);
  free(self);
}

static bureau_status skeleton_create(const bureau_host *host, bureau_plugin **out) {
  bureau_status status = on_create(host);
  if (status != BUREAU_OK) return status;
  agent *self = calloc(1, sizeof *self);
  self->host = host;
  self->plugin = (bureau_plugin){.struct_size = sizeof(bureau_plugin),
                                 .impl = self,
                                 .setup = skeleton_setup,
                                 .begin = skeleton_begin,
                                 .cancel = skeleton_cancel,
                                 .on_event = skeleton_event,
                                 .on_wake = skeleton_wake,
                                 .destroy = skeleton_destroy};
  *out = &self->plugin;
  return BUREAU_OK;
}

#ifndef OWN_ENTRY
const bureau_entry *bureau_plugin_entry_v1(const bureau_host_info *host) {
  static bureau_entry entry;
  (void)host;
  entry = (bureau_entry){.struct_size = STRUCT_SIZE,
                         .abi_major = ABI_MAJOR,
                         .id = TEXT(PLUGIN_ID),
                         .version = TEXT(VERSION),
                         .toolchain = TEXT("c11"),
                         .manifest_json = BYTES(MANIFEST),
                         .create = skeleton_create};
  return &entry;
}
#endif

#ifndef OWN_CREATE
static bureau_status on_create(const bureau_host *host) {
  (void)host;
  return BUREAU_OK;
}
#endif
#ifndef OWN_EVENT
static void on_event(agent *agent, const bureau_event *event) {
  (void)agent;
  (void)event;
}
#endif
#ifndef OWN_CANCEL
static void on_cancel(agent *agent, bureau_call call, bureau_status reason) {
  fail(agent, call, reason, "cancelled");
}
#endif
