/* The services: each function checks its arguments, opens an operation and sends START with the request's fields.
 * Meanings are in the bureau/ headers; which fields a service has is read off here and in EffectDecoding.swift. */
#include "internal.h"

#define COVERS(pointer, field) \
  ((pointer)->struct_size >= offsetof(__typeof__(*(pointer)), field) + sizeof((pointer)->field))

/* A started effect on its way out: checks stop at the first problem. */
typedef struct request {
  instance *owner;
  bureau_call call;
  call_slot *slot;
  uint64_t token;
  bureau_op *out;
  bureau_status status;
  field_writer fields;
} request;

static void fail(request *request, bureau_status status) {
  if (request->status == BUREAU_OK) request->status = status;
}

static void put_number(request *request, uint8_t tag, uint64_t value) {
  writer_number(&request->fields, tag, value);
}

static void put_bytes(request *request, uint8_t tag, bureau_buf bytes) {
  if (request->status != BUREAU_OK) return;
  if (bytes.len && !bytes.ptr) return fail(request, BUREAU_E_INVALID);
  if (bytes.len > BUREAU_MAX_MESSAGE_BYTES || request->fields.length + bytes.len > BUREAU_MAX_MESSAGE_BYTES)
    return fail(request, BUREAU_E_TOO_LARGE);
  writer_bytes(&request->fields, tag, bytes.ptr, bytes.len);
}

static void put_text(request *request, uint8_t tag, bureau_str text) {
  put_bytes(request, tag, (bureau_buf){(const uint8_t *)text.ptr, text.len});
  if (request->status == BUREAU_OK && !lane_is_utf8(text.ptr, text.len)) fail(request, BUREAU_E_INVALID);
}

/* A name that may not be empty. */
static void put_name(request *request, uint8_t tag, bureau_str name) {
  if (name.len == 0) return fail(request, BUREAU_E_INVALID);
  if (name.len > BUREAU_MAX_NAME_BYTES) return fail(request, BUREAU_E_TOO_LARGE);
  put_text(request, tag, name);
}

/* Looks up who asks, without fields yet. */
static void request_open(request *request, const bureau_host *host, bureau_call call, bureau_op *out,
                         const char *function) {
  request->owner = instance_of(host, function);
  request->call = call;
  request->out = out;
  request->token = 0;
  request->status = BUREAU_OK;
  writer_init(&request->fields);
  if (!request->owner || !out) return fail(request, BUREAU_E_INVALID);
  *out = 0;
  request->slot = call_find(request->owner->lane, call);
  if (!request->slot || atomic_load(&request->slot->owner) != request->owner) fail(request, BUREAU_E_STALE);
}

static void request_begin(request *request, const bureau_host *host, bureau_call call, const bureau_step *step,
                          uint64_t service, bureau_op *out, const char *function) {
  request_open(request, host, call, out, function);
  if (request->status != BUREAU_OK) return;
  if (!step || !COVERS(step, name)) return fail(request, BUREAU_E_INVALID);
  if (step->flags > BUREAU_STEP_AMBIGUOUS_FAIL) return fail(request, BUREAU_E_UNSUPPORTED);
  if (step->name.len > BUREAU_MAX_NAME_BYTES) return fail(request, BUREAU_E_TOO_LARGE);
  request->token = step->token;
  put_number(request, LANE_SERVICE, service);
  put_number(request, LANE_FLAGS, step->flags);
  put_text(request, LANE_STEP_NAME, step->name);
}

static bureau_status request_send(request *request, uint16_t kind) {
  if (request->status == BUREAU_OK)
    request->status =
        operation_open(request->owner->lane, request->slot, request->call, request->token, request->out);
  if (request->status != BUREAU_OK) return request->status;
  bureau_op op = *request->out;
  writer_send(&request->fields, request->owner->lane, kind, request->call, op);
  operation_started(request->owner->lane, op);
  return BUREAU_OK;
}

#define BEGIN(service, function) \
  request request;               \
  request_begin(&request, host, call, step, service, out, function)
#define SEND() return request_send(&request, LANE_START)

static bureau_status step_begin(const bureau_host *host, bureau_call call, const bureau_step *step,
                                bureau_buf shape, bureau_op *out) {
  BEGIN(LANE_SERVICE_STEP, "step.begin");
  put_bytes(&request, LANE_DATA, shape);
  SEND();
}

static bureau_status step_record(const bureau_host *host, bureau_call call, uint64_t ticket, uint64_t token,
                                 bureau_status status, bureau_buf result, bureau_str message, bureau_op *out) {
  request request;
  request_open(&request, host, call, out, "step.record");
  if (status > 0) fail(&request, BUREAU_E_INVALID);
  request.token = token;
  put_number(&request, LANE_TICKET, ticket);
  put_number(&request, LANE_STATUS, (uint64_t)(int64_t)status);
  put_bytes(&request, LANE_DATA, result);
  put_text(&request, LANE_TEXT, message);
  return request_send(&request, LANE_RECORD);
}

static bureau_status model_start(const bureau_host *host, bureau_call call, const bureau_step *step,
                                 const bureau_model_request *model, bureau_op *out) {
  BEGIN(LANE_SERVICE_MODEL, "model.start");
  if (!model || !COVERS(model, chunk_credit)) return BUREAU_E_INVALID;
  if (model->flags) return BUREAU_E_UNSUPPORTED;
  if (model->model.len) put_name(&request, LANE_NAME, model->model);
  put_bytes(&request, LANE_DATA, model->messages_json);
  put_bytes(&request, LANE_OPTIONS, model->options_json);
  put_number(&request, LANE_LIMIT, model->max_output_tokens);
  put_number(&request, LANE_TIMEOUT, model->timeout_ms);
  put_number(&request, LANE_COST, (uint64_t)model->max_cost_nanodollars);
  put_number(&request, LANE_CREDIT, model->chunk_credit);
  SEND();
}

static bureau_status tool_call(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_str tool,
                               bureau_buf arguments, uint64_t timeout, bureau_op *out) {
  BEGIN(LANE_SERVICE_TOOL, "tool.call");
  put_name(&request, LANE_NAME, tool);
  put_bytes(&request, LANE_DATA, arguments);
  put_number(&request, LANE_TIMEOUT, timeout);
  SEND();
}

static bureau_status http_fetch(const bureau_host *host, bureau_call call, const bureau_step *step,
                                const bureau_http_request *http, bureau_op *out) {
  BEGIN(LANE_SERVICE_HTTP, "http.fetch");
  if (!http || !COVERS(http, max_response_bytes)) return BUREAU_E_INVALID;
  if (http->flags) return BUREAU_E_UNSUPPORTED;
  put_name(&request, LANE_METHOD, http->method);
  put_text(&request, LANE_URL, http->url);
  put_bytes(&request, LANE_HEADERS, http->headers_json);
  put_bytes(&request, LANE_DATA, http->body);
  put_number(&request, LANE_TIMEOUT, http->timeout_ms);
  put_number(&request, LANE_LIMIT, http->max_response_bytes);
  SEND();
}

static bureau_status state_get(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_str key,
                               bureau_op *out) {
  BEGIN(LANE_SERVICE_STATE_GET, "state.get");
  put_name(&request, LANE_KEY, key);
  SEND();
}

static bureau_status state_put(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_str key,
                               bureau_buf value, uint64_t expected_revision, bureau_op *out) {
  BEGIN(LANE_SERVICE_STATE_PUT, "state.put");
  put_name(&request, LANE_KEY, key);
  put_bytes(&request, LANE_DATA, value);
  put_number(&request, LANE_REVISION, expected_revision);
  SEND();
}

static bureau_status state_remove(const bureau_host *host, bureau_call call, const bureau_step *step,
                                  bureau_str key, uint64_t expected_revision, bureau_op *out) {
  BEGIN(LANE_SERVICE_STATE_REMOVE, "state.remove");
  put_name(&request, LANE_KEY, key);
  put_number(&request, LANE_REVISION, expected_revision);
  SEND();
}

static bureau_status state_list(const bureau_host *host, bureau_call call, const bureau_step *step,
                                bureau_str prefix, bureau_op *out) {
  BEGIN(LANE_SERVICE_STATE_LIST, "state.list");
  if (prefix.len > BUREAU_MAX_NAME_BYTES) return BUREAU_E_TOO_LARGE;
  put_text(&request, LANE_KEY, prefix);
  SEND();
}

static bureau_status artifact_put(const bureau_host *host, bureau_call call, const bureau_step *step,
                                  bureau_str name, bureau_str media_type, bureau_buf bytes, bureau_op *out) {
  BEGIN(LANE_SERVICE_ARTIFACT_PUT, "artifact.put");
  put_name(&request, LANE_NAME, name);
  put_name(&request, LANE_MEDIA_TYPE, media_type);
  put_bytes(&request, LANE_DATA, bytes);
  SEND();
}

static bureau_status artifact_get(const bureau_host *host, bureau_call call, const bureau_step *step,
                                  bureau_str digest, bureau_op *out) {
  BEGIN(LANE_SERVICE_ARTIFACT_GET, "artifact.get");
  put_name(&request, LANE_KEY, digest);
  SEND();
}

static bureau_status child_run(const bureau_host *host, bureau_call call, const bureau_step *step,
                               bureau_str department, bureau_str task, bureau_buf input, bureau_op *out) {
  BEGIN(LANE_SERVICE_CHILD, "child.run");
  put_name(&request, LANE_DEPARTMENT, department);
  put_name(&request, LANE_TASK, task);
  put_bytes(&request, LANE_DATA, input);
  SEND();
}

static bureau_status child_plan(const bureau_host *host, bureau_call call, const bureau_step *step,
                                bureau_buf plan, bureau_op *out) {
  BEGIN(LANE_SERVICE_PLAN, "child.plan");
  put_bytes(&request, LANE_DATA, plan);
  SEND();
}

static bureau_status message_send(const bureau_host *host, bureau_call call, const bureau_step *step,
                                  bureau_str department, bureau_str type, bureau_buf payload, bureau_op *out) {
  BEGIN(LANE_SERVICE_MESSAGE, "message.send");
  put_name(&request, LANE_DEPARTMENT, department);
  put_name(&request, LANE_TYPE, type);
  put_bytes(&request, LANE_DATA, payload);
  SEND();
}

static bureau_status approval_request(const bureau_host *host, bureau_call call, const bureau_step *step,
                                      const bureau_approval_request *approval, bureau_op *out) {
  BEGIN(LANE_SERVICE_APPROVAL, "approval.request");
  if (!approval || !COVERS(approval, expires_ms)) return BUREAU_E_INVALID;
  if (approval->flags) return BUREAU_E_UNSUPPORTED;
  put_name(&request, LANE_TITLE, approval->title);
  put_text(&request, LANE_TEXT, approval->body);
  put_bytes(&request, LANE_DATA, approval->content_json);
  put_number(&request, LANE_TIMEOUT, approval->expires_ms);
  SEND();
}

static bureau_status timer_sleep(const bureau_host *host, bureau_call call, const bureau_step *step,
                                 uint64_t delay, bureau_op *out) {
  BEGIN(LANE_SERVICE_SLEEP, "timer.sleep");
  put_number(&request, LANE_TIMEOUT, delay);
  SEND();
}

static bureau_status clock_now(const bureau_host *host, bureau_call call, const bureau_step *step,
                               bureau_op *out) {
  BEGIN(LANE_SERVICE_NOW, "clock.now");
  SEND();
}

static bureau_status random_bytes(const bureau_host *host, bureau_call call, const bureau_step *step,
                                  uint64_t count, bureau_op *out) {
  BEGIN(LANE_SERVICE_RANDOM, "random.bytes");
  if (count < 1 || count > 4096) return BUREAU_E_INVALID;
  put_number(&request, LANE_LIMIT, count);
  SEND();
}

static bureau_status budget_remaining(const bureau_host *host, bureau_call call, const bureau_step *step,
                                      bureau_op *out) {
  BEGIN(LANE_SERVICE_BUDGET_REMAINING, "budget.remaining");
  SEND();
}

static bureau_status budget_reserve(const bureau_host *host, bureau_call call, const bureau_step *step,
                                    int64_t nanodollars, bureau_op *out) {
  BEGIN(LANE_SERVICE_BUDGET_RESERVE, "budget.reserve");
  if (nanodollars < 0) return BUREAU_E_INVALID;
  put_number(&request, LANE_COST, (uint64_t)nanodollars);
  SEND();
}

static bureau_status budget_release(const bureau_host *host, bureau_call call, const bureau_step *step,
                                    uint64_t ticket, bureau_op *out) {
  BEGIN(LANE_SERVICE_BUDGET_RELEASE, "budget.release");
  put_number(&request, LANE_TICKET, ticket);
  SEND();
}

static bureau_status audit_note(const bureau_host *host, bureau_call call, const bureau_step *step,
                                bureau_str type, bureau_buf json, bureau_op *out) {
  BEGIN(LANE_SERVICE_AUDIT_NOTE, "audit.note");
  if (json.len > 8192) return BUREAU_E_TOO_LARGE;
  put_name(&request, LANE_TYPE, type);
  put_bytes(&request, LANE_DATA, json);
  SEND();
}

#define TABLE(type, ...) static const type type##_table = {sizeof(type), 0, __VA_ARGS__}
TABLE(bureau_host_step, step_begin, step_record);
TABLE(bureau_host_model, model_start);
TABLE(bureau_host_tool, tool_call);
TABLE(bureau_host_http, http_fetch);
TABLE(bureau_host_state, state_get, state_put, state_remove, state_list);
TABLE(bureau_host_artifact, artifact_put, artifact_get);
TABLE(bureau_host_child, child_run, child_plan);
TABLE(bureau_host_message, message_send);
TABLE(bureau_host_approval, approval_request);
TABLE(bureau_host_timer, timer_sleep);
TABLE(bureau_host_clock, clock_now);
TABLE(bureau_host_random, random_bytes);
TABLE(bureau_host_budget, budget_remaining, budget_reserve, budget_release);
TABLE(bureau_host_audit, audit_note);

const void *service_table(bureau_str id) {
  static const struct {
    const char *id;
    const void *table;
  } tables[] = {
      {BUREAU_HOST_STEP, &bureau_host_step_table},         {BUREAU_HOST_MODEL, &bureau_host_model_table},
      {BUREAU_HOST_TOOL, &bureau_host_tool_table},         {BUREAU_HOST_HTTP, &bureau_host_http_table},
      {BUREAU_HOST_STATE, &bureau_host_state_table},       {BUREAU_HOST_ARTIFACT, &bureau_host_artifact_table},
      {BUREAU_HOST_CHILD, &bureau_host_child_table},       {BUREAU_HOST_MESSAGE, &bureau_host_message_table},
      {BUREAU_HOST_APPROVAL, &bureau_host_approval_table}, {BUREAU_HOST_TIMER, &bureau_host_timer_table},
      {BUREAU_HOST_CLOCK, &bureau_host_clock_table},       {BUREAU_HOST_RANDOM, &bureau_host_random_table},
      {BUREAU_HOST_BUDGET, &bureau_host_budget_table},     {BUREAU_HOST_AUDIT, &bureau_host_audit_table},
      {BUREAU_HOST_LOG, &lane_log_table},                  {BUREAU_HOST_LANE_CHECK, &lane_check_table},
      {BUREAU_HOST_OPERATION, &lane_operation_table},
  };
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
    if (strlen(tables[i].id) == id.len && memcmp(tables[i].id, id.ptr, id.len) == 0) return tables[i].table;
  return NULL;
}
