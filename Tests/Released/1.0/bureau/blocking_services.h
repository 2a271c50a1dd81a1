/* blocking_services.h: what the function of a task calls, each call waiting for its event. Included by blocking.h,
 * which authors include and whose comment has the rules; it runs the function and hands the events over.
 */
#ifndef BUREAU_BLOCKING_SERVICES_H
#define BUREAU_BLOCKING_SERVICES_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bureau.h"

/* A plugin uses some of these functions. */
#define BUREAU_BLOCKING_API static __attribute__((unused))

typedef struct bureau_ctx bureau_ctx;

typedef struct bureau_blocking_task {
  const char *name; /* as in the manifest */
  void (*run)(bureau_ctx *ctx, bureau_buf input_json);
} bureau_blocking_task;

/* How an effect ended. `status` is BUREAU_OK or a failure, `message` says why or is the service's text. */
typedef struct bureau_result {
  bureau_status status;
  uint64_t value;
  bureau_buf data;
  bureau_str message;
  bureau_usage usage; /* model calls; else all 0 */
} bureau_result;

struct bureau_blocking_instance;

/* A block of a task's memory. */
typedef struct bureau_blocking_block {
  struct bureau_blocking_block *next;
} bureau_blocking_block;

struct bureau_ctx {
  struct bureau_blocking_instance *instance;
  struct bureau_ctx *next; /* in the instance's list of open tasks */
  const bureau_blocking_task *task;
  bureau_call call;
  bureau_buf input;
  bureau_str run_id, idempotency_key, config;
  uint32_t attempt;
  bureau_blocking_block *blocks;
  /* Under the instance's lock: the one operation that the task waits for, and its end. */
  uint64_t token;
  int is_answered, is_computing;
  bureau_status cancelled; /* why, else BUREAU_OK */
  bureau_result result;
  /* The task's own thread. */
  uint64_t ticket;
  bureau_status end_status;
  bureau_buf end_result;
  bureau_str end_message;
  int has_ended;
};

typedef struct bureau_blocking_instance {
  bureau_plugin plugin; /* first: the host's pointer is this one */
  const bureau_host *host;
  const bureau_blocking_task *tasks;
  size_t task_count;
  bureau_str config; /* owned */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bureau_ctx *open;      /* begun and not completed */
  uint32_t thread_count; /* threads that still run */
} bureau_blocking_instance;

/* ---- Text and memory ------------------------------------------------------------------------------------- */

BUREAU_BLOCKING_API bureau_str bureau_text(const char *text) {
  bureau_str s = {text, text ? strlen(text) : 0};
  return s;
}

BUREAU_BLOCKING_API bureau_buf bureau_json(const char *text) {
  bureau_buf b = {(const uint8_t *)text, text ? strlen(text) : 0};
  return b;
}

/* `size` bytes of the task's memory, zeroed; null when there is no memory. */
BUREAU_BLOCKING_API void *bureau_ctx_alloc(bureau_ctx *ctx, uint64_t size) {
  bureau_blocking_block *block;
  if (size > SIZE_MAX - 64) return NULL;
  block = (bureau_blocking_block *)calloc(1, 16 + (size_t)size);
  if (!block) return NULL;
  block->next = ctx->blocks;
  ctx->blocks = block;
  return (char *)block + 16;
}

BUREAU_BLOCKING_API const uint8_t *bureau_ctx_copy(bureau_ctx *ctx, const void *bytes, uint64_t length) {
  uint8_t *copy = (uint8_t *)bureau_ctx_alloc(ctx, length + 1);
  if (copy && length) memcpy(copy, bytes, (size_t)length);
  return copy;
}

/* ---- Waiting --------------------------------------------------------------------------------------------- */

BUREAU_BLOCKING_API bureau_result bureau_blocking_failure(bureau_status status, const char *message) {
  bureau_result result;
  memset(&result, 0, sizeof result);
  result.status = status;
  result.message = bureau_text(message);
  return result;
}

BUREAU_BLOCKING_API const void *bureau_blocking_table(bureau_ctx *ctx, const char *id) {
  return ctx->instance->host->get_extension(ctx->instance->host, bureau_text(id));
}

/* Opens the wait for one operation and fills its step; the token is new each time, so a late event of an
 * operation that was given up finds nobody. */
BUREAU_BLOCKING_API bureau_step bureau_blocking_open(bureau_ctx *ctx, const char *name) {
  bureau_step step;
  memset(&step, 0, sizeof step);
  pthread_mutex_lock(&ctx->instance->lock);
  ctx->token += 1;
  ctx->is_answered = 0;
  ctx->is_computing = 0;
  step.token = ctx->token;
  pthread_mutex_unlock(&ctx->instance->lock);
  step.struct_size = (uint32_t)sizeof step;
  step.name = bureau_text(name);
  return step;
}

BUREAU_BLOCKING_API bureau_status bureau_blocking_cancelled(bureau_ctx *ctx) {
  bureau_status reason;
  pthread_mutex_lock(&ctx->instance->lock);
  reason = ctx->cancelled;
  pthread_mutex_unlock(&ctx->instance->lock);
  return reason;
}

/* Waits for the terminal event of the operation that was started with `status`. */
BUREAU_BLOCKING_API bureau_result bureau_blocking_wait(bureau_ctx *ctx, bureau_status status) {
  bureau_result result;
  if (status != BUREAU_OK) {
    return bureau_blocking_failure(status < 0 ? status : BUREAU_E_INTERNAL, "the host refused the request");
  }
  pthread_mutex_lock(&ctx->instance->lock);
  while (!ctx->is_answered && !ctx->cancelled) pthread_cond_wait(&ctx->instance->changed, &ctx->instance->lock);
  result = ctx->result;
  if (!ctx->is_answered || (ctx->cancelled && result.status == BUREAU_E_CANCELLED)) {
    result = bureau_blocking_failure(ctx->cancelled, "the task was cancelled");
  }
  ctx->is_answered = 0;
  ctx->token += 1; /* closed: a later event is dropped */
  pthread_mutex_unlock(&ctx->instance->lock);
  return result;
}

/* Starts an operation through `table_type->function` of the extension `id`, and waits. */
#define BUREAU_BLOCKING_CALL(ctx, id, table_type, function, step_name, ...)                                   \
  const table_type *table = (const table_type *)bureau_blocking_table((ctx), (id));                           \
  bureau_op op = 0;                                                                                           \
  bureau_step step;                                                                                           \
  if (!BUREAU_HAS(table, function)) {                                                                         \
    return bureau_blocking_failure(BUREAU_E_UNSUPPORTED, "this host does not offer " id);                     \
  }                                                                                                           \
  if (bureau_blocking_cancelled(ctx)) {                                                                       \
    return bureau_blocking_failure(bureau_blocking_cancelled(ctx), "the task was cancelled");                 \
  }                                                                                                           \
  step = bureau_blocking_open((ctx), (step_name));                                                            \
  return bureau_blocking_wait((ctx), table->function((ctx)->instance->host, (ctx)->call, &step, __VA_ARGS__))

/* ---- Services: `step` names the effect; null or "" lets the host number it ------------------------------- */

/* 1 when the task's own computation must run: do it, then call bureau_ctx_step_record. 0 when `*recorded` holds
 * what an earlier attempt recorded, or why the step failed. */
BUREAU_BLOCKING_API bureau_result bureau_blocking_step_begin(bureau_ctx *ctx, const char *name, bureau_buf shape) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_STEP, bureau_host_step, begin, name, shape, &op);
}

BUREAU_BLOCKING_API int bureau_ctx_step(bureau_ctx *ctx, const char *name, bureau_buf shape, bureau_result *recorded) {
  *recorded = bureau_blocking_step_begin(ctx, name, shape);
  if (recorded->status != BUREAU_OK || !ctx->is_computing) return 0;
  ctx->ticket = recorded->value;
  return 1;
}

/* Ends the step that bureau_ctx_step opened. `data` is then what was recorded, as it is when a repeated run gets it
 * from bureau_ctx_step. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_step_record(bureau_ctx *ctx, bureau_status status, bureau_buf result,
                                                         const char *message) {
  const bureau_host_step *table = (const bureau_host_step *)bureau_blocking_table(ctx, BUREAU_HOST_STEP);
  bureau_op op = 0;
  bureau_step step;
  bureau_result recorded;
  if (!BUREAU_HAS(table, record)) return bureau_blocking_failure(BUREAU_E_UNSUPPORTED, "no steps");
  step = bureau_blocking_open(ctx, NULL);
  recorded = bureau_blocking_wait(ctx, table->record(ctx->instance->host, ctx->call, ctx->ticket, step.token, status,
                                                     result, bureau_text(message), &op));
  if (recorded.status == BUREAU_OK) {
    recorded.data.ptr = bureau_ctx_copy(ctx, result.ptr, result.len);
    recorded.data.len = recorded.data.ptr ? result.len : 0;
    if (!recorded.data.ptr) recorded.status = BUREAU_E_INTERNAL;
  }
  return recorded;
}

/* `data` is {"text":…,"model":…,"provider":…,"finish_reason":…}. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_model(bureau_ctx *ctx, const char *step_name, const char *model,
                                                   bureau_buf messages_json, bureau_buf options_json,
                                                   uint64_t max_output_tokens) {
  bureau_model_request request;
  memset(&request, 0, sizeof request);
  request.struct_size = (uint32_t)sizeof request;
  request.model = bureau_text(model);
  request.messages_json = messages_json;
  request.options_json = options_json;
  request.max_output_tokens = max_output_tokens;
  {
    BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_MODEL, bureau_host_model, start, step_name, &request, &op);
  }
}

BUREAU_BLOCKING_API bureau_result bureau_ctx_tool(bureau_ctx *ctx, const char *step_name, const char *tool,
                                                  bureau_buf arguments_json) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_TOOL, bureau_host_tool, call, step_name, bureau_text(tool), arguments_json,
                       0, &op);
}

/* `value` is the HTTP status, `data` the body, `message` the headers as JSON. Any status is BUREAU_OK. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_http(bureau_ctx *ctx, const char *step_name,
                                                  const bureau_http_request *request) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_HTTP, bureau_host_http, fetch, step_name, request, &op);
}

/* BUREAU_E_NOT_FOUND when there is no such key; `value` is the revision. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_state_get(bureau_ctx *ctx, const char *step_name, const char *key) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_STATE, bureau_host_state, get, step_name, bureau_text(key), &op);
}

/* `expected_revision`: as in state.h. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_state_put(bureau_ctx *ctx, const char *step_name, const char *key,
                                                       bureau_buf value, uint64_t expected_revision) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_STATE, bureau_host_state, put, step_name, bureau_text(key), value,
                       expected_revision, &op);
}

/* Removing a missing key is no error. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_state_remove(bureau_ctx *ctx, const char *step_name, const char *key,
                                                          uint64_t expected_revision) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_STATE, bureau_host_state, remove, step_name, bureau_text(key),
                       expected_revision, &op);
}

/* `data` is a JSON array of the keys that start with `prefix`. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_state_list(bureau_ctx *ctx, const char *step_name, const char *prefix) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_STATE, bureau_host_state, list, step_name, bureau_text(prefix), &op);
}

/* `data` is the digest. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_artifact_put(bureau_ctx *ctx, const char *step_name, const char *name,
                                                          const char *media_type, bureau_buf bytes) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_ARTIFACT, bureau_host_artifact, put, step_name, bureau_text(name),
                       bureau_text(media_type), bytes, &op);
}

/* `data` is the bytes, `message` the media type. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_artifact_get(bureau_ctx *ctx, const char *step_name, const char *digest) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_ARTIFACT, bureau_host_artifact, get, step_name, bureau_text(digest), &op);
}

/* `data` is the other department's output. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_child(bureau_ctx *ctx, const char *step_name, const char *department,
                                                   const char *task, bureau_buf input_json) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_CHILD, bureau_host_child, run, step_name, bureau_text(department),
                       bureau_text(task), input_json, &op);
}

/* `data` is {"outputs":{"<node>":…}}; the plan's form is in child.h. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_plan(bureau_ctx *ctx, const char *step_name, bureau_buf plan_json) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_CHILD, bureau_host_child, plan, step_name, plan_json, &op);
}

/* Answers once the message is in the journal. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_message(bureau_ctx *ctx, const char *step_name, const char *department,
                                                     const char *type, bureau_buf payload_json) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_MESSAGE, bureau_host_message, send, step_name, bureau_text(department),
                       bureau_text(type), payload_json, &op);
}

/* `data` is {"approved":…,"by":…,"reason":…,"content":…}. `expires_ms` 0: waits as long as it takes. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_approval(bureau_ctx *ctx, const char *step_name, const char *title,
                                                      const char *body, bureau_buf content_json, uint64_t expires_ms) {
  bureau_approval_request request;
  memset(&request, 0, sizeof request);
  request.struct_size = (uint32_t)sizeof request;
  request.title = bureau_text(title);
  request.body = bureau_text(body);
  request.content_json = content_json;
  request.expires_ms = expires_ms;
  {
    BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_APPROVAL, bureau_host_approval, request, step_name, &request, &op);
  }
}

/* `data` is {"remaining_nanodollars":…,"limited_by":…}. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_budget_remaining(bureau_ctx *ctx, const char *step_name) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_BUDGET, bureau_host_budget, remaining, step_name, &op);
}

/* `value` is the ticket, held until it is released or the run ends. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_budget_reserve(bureau_ctx *ctx, const char *step_name,
                                                            int64_t nanodollars) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_BUDGET, bureau_host_budget, reserve, step_name, nanodollars, &op);
}

BUREAU_BLOCKING_API bureau_result bureau_ctx_budget_release(bureau_ctx *ctx, const char *step_name, uint64_t ticket) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_BUDGET, bureau_host_budget, release, step_name, ticket, &op);
}

/* `value` is the leaf's index. `type` is dotted lower case; `json` is at most 8 KiB. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_audit(bureau_ctx *ctx, const char *step_name, const char *type,
                                                   bureau_buf json) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_AUDIT, bureau_host_audit, note, step_name, bureau_text(type), json, &op);
}

BUREAU_BLOCKING_API bureau_result bureau_ctx_sleep(bureau_ctx *ctx, const char *step_name, uint64_t delay_ms) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_TIMER, bureau_host_timer, sleep, step_name, delay_ms, &op);
}

/* `value` is Unix time in milliseconds. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_now(bureau_ctx *ctx, const char *step_name) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_CLOCK, bureau_host_clock, now, step_name, &op);
}

/* `data` is `count` bytes. */
BUREAU_BLOCKING_API bureau_result bureau_ctx_random(bureau_ctx *ctx, const char *step_name, uint64_t count) {
  BUREAU_BLOCKING_CALL(ctx, BUREAU_HOST_RANDOM, bureau_host_random, bytes, step_name, count, &op);
}

/* ---- Not effects ----------------------------------------------------------------------------------------- */

BUREAU_BLOCKING_API void bureau_ctx_log(bureau_ctx *ctx, int32_t level, const char *text) {
  const bureau_host_log *table = (const bureau_host_log *)bureau_blocking_table(ctx, BUREAU_HOST_LOG);
  if (BUREAU_HAS(table, write)) table->write(ctx->instance->host, ctx->call, level, bureau_text(text));
}

/* `text` must need no JSON escapes. */
BUREAU_BLOCKING_API void bureau_ctx_progress(bureau_ctx *ctx, uint32_t fraction_milli, const char *text) {
  char json[512];
  int length = snprintf(json, sizeof json, "{\"fraction_milli\":%u,\"text\":\"%s\"}", (unsigned)fraction_milli, text);
  bureau_buf data = {(const uint8_t *)json, (uint64_t)length};
  if (length <= 0 || (size_t)length >= sizeof json) return;
  ctx->instance->host->emit(ctx->instance->host, ctx->call, BUREAU_EMIT_PROGRESS, data);
}

BUREAU_BLOCKING_API int bureau_ctx_is_cancelled(bureau_ctx *ctx) {
  return ctx->instance->host->is_cancelled(ctx->instance->host, ctx->call) != 0;
}

/* ---- The end: the last one counts; the host is told when the function returns ---------------------------- */

BUREAU_BLOCKING_API void bureau_ctx_return(bureau_ctx *ctx, bureau_buf result_json) {
  ctx->end_result.ptr = bureau_ctx_copy(ctx, result_json.ptr, result_json.len);
  ctx->end_result.len = result_json.len;
  ctx->end_status = ctx->end_result.ptr ? BUREAU_OK : BUREAU_E_INTERNAL;
  ctx->end_message = bureau_text(ctx->end_result.ptr ? "" : "out of memory");
  ctx->has_ended = 1;
}

BUREAU_BLOCKING_API void bureau_ctx_fail(bureau_ctx *ctx, bureau_status status, const char *message) {
  uint64_t length = message ? strlen(message) : 0;
  const char *copy = (const char *)bureau_ctx_copy(ctx, message, length);
  ctx->end_status = status < 0 ? status : BUREAU_E_INTERNAL;
  ctx->end_message.ptr = copy;
  ctx->end_message.len = copy ? length : 0;
  ctx->has_ended = 1;
}

/* Fails the task as an effect failed. */
BUREAU_BLOCKING_API void bureau_ctx_fail_as(bureau_ctx *ctx, const bureau_result *result) {
  ctx->end_status = result->status < 0 ? result->status : BUREAU_E_INTERNAL;
  ctx->end_message = result->message;
  ctx->has_ended = 1;
}

#endif
