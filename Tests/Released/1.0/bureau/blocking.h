/* blocking.h: tasks as plain blocking functions in C (C11, C++17), on top of bureau.h.
 *
 * Write each task as a function, list them in a table, and define the plugin:
 *
 *     static void greet(bureau_ctx *ctx, bureau_buf input) {
 *       bureau_ctx_log(ctx, BUREAU_LOG_INFO, "greeting");
 *       bureau_ctx_return(ctx, input);
 *     }
 *     static const bureau_blocking_task tasks[] = {{"greet", greet}};
 *     BUREAU_BLOCKING_PLUGIN("org.example.greeter", "1.0.0", manifest, tasks)
 *
 * Each task runs on a thread of its own, made in `begin`; each bureau_ctx_… function waits there for its event.
 * Events are copied on the lane into memory that belongs to the task and is freed when the task's function
 * returns: inputs and results are valid until then, are followed by a 0 byte, and need no free. One file of a
 * plugin includes this header; link with -pthread. A task's function must return; after a cancellation every
 * function that waits fails at once with the reason (BUREAU_E_CANCELLED, BUREAU_E_DEADLINE, BUREAU_E_BUSY). A
 * function that neither returned a result nor failed ends as BUREAU_E_INTERNAL.
 *
 * This file: a task's thread, the plugin's table and the entry. What a task calls: blocking_services.h.
 *
 * Not part of the ABI: a plugin that uses it and one that does not look the same to the host.
 */
#ifndef BUREAU_BLOCKING_H
#define BUREAU_BLOCKING_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "blocking_services.h"

/* Bounds: tasks that run at once in one instance (a begin beyond them is BUREAU_E_BUSY), and a thread's stack. */
#define BUREAU_BLOCKING_MAX_CALLS 1024u
#define BUREAU_BLOCKING_STACK_BYTES (1024u * 1024u)

/* ---- A task's thread ------------------------------------------------------------------------------------- */

BUREAU_BLOCKING_API void bureau_blocking_free(bureau_ctx *ctx) {
  while (ctx->blocks) {
    bureau_blocking_block *next = ctx->blocks->next;
    free(ctx->blocks);
    ctx->blocks = next;
  }
  free(ctx);
}

/* Takes a task out of the list, so that events and cancellations no longer find it. Under the lock. */
BUREAU_BLOCKING_API void bureau_blocking_unlink(bureau_ctx *ctx) {
  bureau_ctx **place = &ctx->instance->open;
  while (*place && *place != ctx) place = &(*place)->next;
  if (*place) *place = ctx->next;
}

BUREAU_BLOCKING_API void *bureau_blocking_thread(void *argument) {
  bureau_ctx *ctx = (bureau_ctx *)argument;
  bureau_blocking_instance *instance = ctx->instance;
  ctx->task->run(ctx, ctx->input);
  if (!ctx->has_ended) bureau_ctx_fail(ctx, BUREAU_E_INTERNAL, "the task returned without a result");
  pthread_mutex_lock(&instance->lock);
  bureau_blocking_unlink(ctx);
  pthread_mutex_unlock(&instance->lock);
  instance->host->complete(instance->host, ctx->call, ctx->end_status, ctx->end_result, ctx->end_message);
  bureau_blocking_free(ctx);
  /* `destroy` may run as soon as it sees no thread: nothing of the instance is touched after the unlock. */
  pthread_mutex_lock(&instance->lock);
  instance->thread_count -= 1;
  pthread_cond_broadcast(&instance->changed);
  pthread_mutex_unlock(&instance->lock);
  return NULL;
}

/* ---- The plugin's table ---------------------------------------------------------------------------------- */

BUREAU_BLOCKING_API bureau_status bureau_blocking_setup(bureau_plugin *plugin, bureau_buf config_json) {
  bureau_blocking_instance *instance = (bureau_blocking_instance *)plugin->impl;
  char *copy = (char *)malloc((size_t)config_json.len + 1);
  if (!copy) return BUREAU_E_INTERNAL;
  if (config_json.len) memcpy(copy, config_json.ptr, (size_t)config_json.len);
  copy[config_json.len] = 0;
  instance->config.ptr = copy;
  instance->config.len = config_json.len;
  return BUREAU_OK;
}

BUREAU_BLOCKING_API const bureau_blocking_task *bureau_blocking_find(const bureau_blocking_instance *instance,
                                                                     bureau_str name) {
  size_t i;
  for (i = 0; i < instance->task_count; i++) {
    const bureau_blocking_task *task = &instance->tasks[i];
    if (strlen(task->name) == name.len && memcmp(task->name, name.ptr, (size_t)name.len) == 0) return task;
  }
  return NULL;
}

BUREAU_BLOCKING_API bureau_ctx *bureau_blocking_context(bureau_blocking_instance *instance, const bureau_task *task,
                                                        const bureau_blocking_task *code) {
  bureau_ctx *ctx = (bureau_ctx *)calloc(1, sizeof *ctx);
  if (!ctx) return NULL;
  ctx->instance = instance;
  ctx->task = code;
  ctx->call = task->call;
  ctx->attempt = task->attempt;
  ctx->config = instance->config;
  ctx->input.len = task->input_json.len;
  ctx->input.ptr = bureau_ctx_copy(ctx, task->input_json.ptr, task->input_json.len);
  ctx->run_id.len = task->run_id.len;
  ctx->run_id.ptr = (const char *)bureau_ctx_copy(ctx, task->run_id.ptr, task->run_id.len);
  ctx->idempotency_key.len = task->idempotency_key.len;
  ctx->idempotency_key.ptr =
      (const char *)bureau_ctx_copy(ctx, task->idempotency_key.ptr, task->idempotency_key.len);
  if (ctx->input.ptr && ctx->run_id.ptr && ctx->idempotency_key.ptr) return ctx;
  bureau_blocking_free(ctx);
  return NULL;
}

BUREAU_BLOCKING_API int bureau_blocking_spawn(bureau_ctx *ctx) {
  pthread_attr_t attributes;
  pthread_t thread;
  int failed;
  if (pthread_attr_init(&attributes)) return 1;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, BUREAU_BLOCKING_STACK_BYTES);
  failed = pthread_create(&thread, &attributes, bureau_blocking_thread, ctx);
  pthread_attr_destroy(&attributes);
  return failed;
}

BUREAU_BLOCKING_API bureau_status bureau_blocking_begin(bureau_plugin *plugin, const bureau_task *task) {
  bureau_blocking_instance *instance = (bureau_blocking_instance *)plugin->impl;
  const bureau_blocking_task *code = bureau_blocking_find(instance, task->type);
  bureau_ctx *ctx;
  int is_full;
  if (!code) return BUREAU_E_NOT_FOUND;
  ctx = bureau_blocking_context(instance, task, code);
  if (!ctx) return BUREAU_E_BUSY;
  pthread_mutex_lock(&instance->lock);
  is_full = instance->thread_count >= BUREAU_BLOCKING_MAX_CALLS;
  if (!is_full) {
    instance->thread_count += 1;
    ctx->next = instance->open;
    instance->open = ctx;
  }
  pthread_mutex_unlock(&instance->lock);
  if (!is_full && !bureau_blocking_spawn(ctx)) return BUREAU_OK;
  pthread_mutex_lock(&instance->lock);
  if (!is_full) {
    bureau_blocking_unlink(ctx);
    instance->thread_count -= 1;
  }
  pthread_mutex_unlock(&instance->lock);
  bureau_blocking_free(ctx);
  return BUREAU_E_BUSY;
}

BUREAU_BLOCKING_API bureau_ctx *bureau_blocking_open_call(bureau_blocking_instance *instance, bureau_call call) {
  bureau_ctx *ctx = instance->open;
  while (ctx && ctx->call != call) ctx = ctx->next;
  return ctx;
}

BUREAU_BLOCKING_API void bureau_blocking_cancel(bureau_plugin *plugin, bureau_call call, bureau_status reason) {
  bureau_blocking_instance *instance = (bureau_blocking_instance *)plugin->impl;
  bureau_ctx *ctx;
  pthread_mutex_lock(&instance->lock);
  ctx = bureau_blocking_open_call(instance, call);
  if (ctx && !ctx->cancelled) ctx->cancelled = reason < 0 ? reason : BUREAU_E_CANCELLED;
  pthread_cond_broadcast(&instance->changed);
  pthread_mutex_unlock(&instance->lock);
}

BUREAU_BLOCKING_API void bureau_blocking_answer(bureau_ctx *ctx, const bureau_event *event) {
  bureau_result *result = &ctx->result;
  memset(result, 0, sizeof *result);
  result->status = event->status;
  if (event->kind == BUREAU_EVENT_CANCELLED) result->status = BUREAU_E_CANCELLED;
  if (event->kind == BUREAU_EVENT_FAILED && event->status >= 0) result->status = BUREAU_E_INTERNAL;
  result->value = event->value;
  result->data.ptr = bureau_ctx_copy(ctx, event->data.ptr, event->data.len);
  result->data.len = result->data.ptr ? event->data.len : 0;
  result->message.ptr = (const char *)bureau_ctx_copy(ctx, event->message.ptr, event->message.len);
  result->message.len = result->message.ptr ? event->message.len : 0;
  if (!result->data.ptr || !result->message.ptr) result->status = BUREAU_E_INTERNAL;
  if (event->usage) {
    size_t size = event->usage->struct_size < sizeof result->usage ? event->usage->struct_size : sizeof result->usage;
    memcpy(&result->usage, event->usage, size);
  }
  ctx->is_computing = event->kind == BUREAU_EVENT_COMPUTE;
  ctx->is_answered = 1;
}

BUREAU_BLOCKING_API void bureau_blocking_on_event(bureau_plugin *plugin, const bureau_event *event) {
  bureau_blocking_instance *instance = (bureau_blocking_instance *)plugin->impl;
  bureau_ctx *ctx;
  if (event->kind == BUREAU_EVENT_CHUNK) return; /* none is asked for */
  pthread_mutex_lock(&instance->lock);
  ctx = bureau_blocking_open_call(instance, event->call);
  if (ctx && ctx->token == event->token && !ctx->is_answered) {
    bureau_blocking_answer(ctx, event);
    pthread_cond_broadcast(&instance->changed);
  }
  pthread_mutex_unlock(&instance->lock);
}

BUREAU_BLOCKING_API void bureau_blocking_on_wake(bureau_plugin *plugin, uint64_t token) {
  (void)plugin;
  (void)token;
}

/* No call is open; a thread may still be on its way out. */
BUREAU_BLOCKING_API void bureau_blocking_destroy(bureau_plugin *plugin) {
  bureau_blocking_instance *instance = (bureau_blocking_instance *)plugin->impl;
  pthread_mutex_lock(&instance->lock);
  while (instance->thread_count) pthread_cond_wait(&instance->changed, &instance->lock);
  pthread_mutex_unlock(&instance->lock);
  pthread_cond_destroy(&instance->changed);
  pthread_mutex_destroy(&instance->lock);
  free((void *)(uintptr_t)instance->config.ptr);
  free(instance);
}

BUREAU_BLOCKING_API const void *bureau_blocking_get_extension(bureau_plugin *plugin, bureau_str id) {
  (void)plugin;
  (void)id;
  return NULL;
}

BUREAU_BLOCKING_API bureau_status bureau_blocking_create(const bureau_host *host, bureau_plugin **out,
                                                         const bureau_blocking_task *tasks, size_t task_count) {
  bureau_blocking_instance *instance = (bureau_blocking_instance *)calloc(1, sizeof *instance);
  if (!instance) return BUREAU_E_INTERNAL;
  instance->host = host;
  instance->tasks = tasks;
  instance->task_count = task_count;
  pthread_mutex_init(&instance->lock, NULL);
  pthread_cond_init(&instance->changed, NULL);
  instance->plugin.struct_size = (uint32_t)sizeof instance->plugin;
  instance->plugin.impl = instance;
  instance->plugin.setup = bureau_blocking_setup;
  instance->plugin.begin = bureau_blocking_begin;
  instance->plugin.cancel = bureau_blocking_cancel;
  instance->plugin.on_event = bureau_blocking_on_event;
  instance->plugin.on_wake = bureau_blocking_on_wake;
  instance->plugin.destroy = bureau_blocking_destroy;
  instance->plugin.get_extension = bureau_blocking_get_extension;
  *out = &instance->plugin;
  return BUREAU_OK;
}

/* ---- The entry ------------------------------------------------------------------------------------------- */

/* Defines the entry function of a plugin whose tasks are the array `tasks_`. `manifest_` is a string literal. */
#ifdef __cplusplus
#define BUREAU_BLOCKING_TOOLCHAIN "c++17"
#define BUREAU_BLOCKING_LINKAGE extern "C"
#else
#define BUREAU_BLOCKING_TOOLCHAIN "c11"
#define BUREAU_BLOCKING_LINKAGE
#endif
#define BUREAU_BLOCKING_TEXT(literal) {literal, sizeof(literal) - 1}

#define BUREAU_BLOCKING_PLUGIN(id_, version_, manifest_, tasks_)                                              \
  static bureau_status bureau_blocking_create_this(const bureau_host *host, bureau_plugin **out) {            \
    return bureau_blocking_create(host, out, tasks_, sizeof(tasks_) / sizeof((tasks_)[0]));                   \
  }                                                                                                           \
  BUREAU_BLOCKING_LINKAGE BUREAU_EXPORT const bureau_entry *bureau_plugin_entry_v1(                           \
      const bureau_host_info *host) {                                                                         \
    static const uint8_t manifest_bytes[] = manifest_;                                                        \
    static const bureau_entry entry = {                                                                       \
        (uint32_t)sizeof(bureau_entry),                                                                       \
        BUREAU_ABI_MAJOR,                                                                                     \
        BUREAU_ABI_MINOR,                                                                                     \
        0,                                                                                                    \
        0,                                                                                                    \
        0,                                                                                                    \
        BUREAU_BLOCKING_TEXT(id_),                                                                            \
        BUREAU_BLOCKING_TEXT(version_),                                                                       \
        BUREAU_BLOCKING_TEXT(BUREAU_BLOCKING_TOOLCHAIN),                                                      \
        {manifest_bytes, sizeof manifest_bytes - 1},                                                          \
        bureau_blocking_create_this};                                                                         \
    (void)host;                                                                                               \
    return &entry;                                                                                            \
  }

#endif
