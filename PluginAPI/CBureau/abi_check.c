/* abi_check.c: the layout of ABI v1 on the platforms it is defined for (64-bit, little-endian), so that an
 * accidental change does not compile. An appended field changes its struct's SIZE line and adds a FIELD line; no
 * other line may ever change. */
#include "bureau/bureau.h"

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type " has another size")
#define FIELD(type, field, bytes) _Static_assert(offsetof(type, field) == (bytes), #type "." #field " has moved")
#define VALUE(name, number) _Static_assert((name) == (number), #name " has another value")

_Static_assert(sizeof(void *) == 8, "ABI v1 is for 64-bit platforms");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "ABI v1 is for little-endian platforms");

/* base.h */
SIZE(bureau_str, 16);
FIELD(bureau_str, ptr, 0);
FIELD(bureau_str, len, 8);
SIZE(bureau_buf, 16);
FIELD(bureau_buf, ptr, 0);
FIELD(bureau_buf, len, 8);

/* host.h */
SIZE(bureau_host, 64);
FIELD(bureau_host, struct_size, 0);
FIELD(bureau_host, abi_major, 4);
FIELD(bureau_host, abi_minor, 6);
FIELD(bureau_host, impl, 8);
FIELD(bureau_host, get_extension, 16);
FIELD(bureau_host, arena_alloc, 24);
FIELD(bureau_host, emit, 32);
FIELD(bureau_host, complete, 40);
FIELD(bureau_host, is_cancelled, 48);
FIELD(bureau_host, wake, 56);

/* operation.h */
SIZE(bureau_step, 32);
FIELD(bureau_step, struct_size, 0);
FIELD(bureau_step, flags, 4);
FIELD(bureau_step, token, 8);
FIELD(bureau_step, name, 16);
SIZE(bureau_usage, 56);
FIELD(bureau_usage, struct_size, 0);
FIELD(bureau_usage, present, 4);
FIELD(bureau_usage, input_tokens, 8);
FIELD(bureau_usage, cached_read_tokens, 16);
FIELD(bureau_usage, cache_write_tokens, 24);
FIELD(bureau_usage, output_tokens, 32);
FIELD(bureau_usage, reasoning_tokens, 40);
FIELD(bureau_usage, cost_nanodollars, 48);
SIZE(bureau_event, 88);
FIELD(bureau_event, struct_size, 0);
FIELD(bureau_event, kind, 4);
FIELD(bureau_event, call, 8);
FIELD(bureau_event, op, 16);
FIELD(bureau_event, token, 24);
FIELD(bureau_event, status, 32);
FIELD(bureau_event, flags, 36);
FIELD(bureau_event, value, 40);
FIELD(bureau_event, data, 48);
FIELD(bureau_event, message, 64);
FIELD(bureau_event, usage, 80);
SIZE(bureau_host_operation, 24);
FIELD(bureau_host_operation, struct_size, 0);
FIELD(bureau_host_operation, reserved, 4);
FIELD(bureau_host_operation, cancel, 8);
FIELD(bureau_host_operation, grant, 16);

/* plugin.h */
SIZE(bureau_task, 88);
FIELD(bureau_task, struct_size, 0);
FIELD(bureau_task, attempt, 4);
FIELD(bureau_task, call, 8);
FIELD(bureau_task, type, 16);
FIELD(bureau_task, input_json, 32);
FIELD(bureau_task, idempotency_key, 48);
FIELD(bureau_task, run_id, 64);
FIELD(bureau_task, timeout_ms, 80);
SIZE(bureau_plugin, 72);
FIELD(bureau_plugin, struct_size, 0);
FIELD(bureau_plugin, reserved, 4);
FIELD(bureau_plugin, impl, 8);
FIELD(bureau_plugin, setup, 16);
FIELD(bureau_plugin, begin, 24);
FIELD(bureau_plugin, cancel, 32);
FIELD(bureau_plugin, on_event, 40);
FIELD(bureau_plugin, on_wake, 48);
FIELD(bureau_plugin, destroy, 56);
FIELD(bureau_plugin, get_extension, 64);

/* approval.h */
SIZE(bureau_approval_request, 64);
FIELD(bureau_approval_request, struct_size, 0);
FIELD(bureau_approval_request, flags, 4);
FIELD(bureau_approval_request, title, 8);
FIELD(bureau_approval_request, body, 24);
FIELD(bureau_approval_request, content_json, 40);
FIELD(bureau_approval_request, expires_ms, 56);
SIZE(bureau_host_approval, 16);
FIELD(bureau_host_approval, struct_size, 0);
FIELD(bureau_host_approval, reserved, 4);
FIELD(bureau_host_approval, request, 8);

/* artifact.h */
SIZE(bureau_host_artifact, 24);
FIELD(bureau_host_artifact, struct_size, 0);
FIELD(bureau_host_artifact, reserved, 4);
FIELD(bureau_host_artifact, put, 8);
FIELD(bureau_host_artifact, get, 16);

/* audit.h */
SIZE(bureau_host_audit, 16);
FIELD(bureau_host_audit, struct_size, 0);
FIELD(bureau_host_audit, reserved, 4);
FIELD(bureau_host_audit, note, 8);

/* budget.h */
SIZE(bureau_host_budget, 32);
FIELD(bureau_host_budget, struct_size, 0);
FIELD(bureau_host_budget, reserved, 4);
FIELD(bureau_host_budget, remaining, 8);
FIELD(bureau_host_budget, reserve, 16);
FIELD(bureau_host_budget, release, 24);

/* child.h */
SIZE(bureau_host_child, 24);
FIELD(bureau_host_child, struct_size, 0);
FIELD(bureau_host_child, reserved, 4);
FIELD(bureau_host_child, run, 8);
FIELD(bureau_host_child, plan, 16);

/* clock.h */
SIZE(bureau_host_clock, 16);
FIELD(bureau_host_clock, struct_size, 0);
FIELD(bureau_host_clock, reserved, 4);
FIELD(bureau_host_clock, now, 8);

/* http.h */
SIZE(bureau_http_request, 88);
FIELD(bureau_http_request, struct_size, 0);
FIELD(bureau_http_request, flags, 4);
FIELD(bureau_http_request, method, 8);
FIELD(bureau_http_request, url, 24);
FIELD(bureau_http_request, headers_json, 40);
FIELD(bureau_http_request, body, 56);
FIELD(bureau_http_request, timeout_ms, 72);
FIELD(bureau_http_request, max_response_bytes, 80);
SIZE(bureau_host_http, 16);
FIELD(bureau_host_http, struct_size, 0);
FIELD(bureau_host_http, reserved, 4);
FIELD(bureau_host_http, fetch, 8);

/* lane_check.h */
SIZE(bureau_host_lane_check, 16);
FIELD(bureau_host_lane_check, struct_size, 0);
FIELD(bureau_host_lane_check, reserved, 4);
FIELD(bureau_host_lane_check, on_lane, 8);

/* log.h */
SIZE(bureau_host_log, 24);
FIELD(bureau_host_log, struct_size, 0);
FIELD(bureau_host_log, reserved, 4);
FIELD(bureau_host_log, enabled, 8);
FIELD(bureau_host_log, write, 16);

/* message.h */
SIZE(bureau_host_message, 16);
FIELD(bureau_host_message, struct_size, 0);
FIELD(bureau_host_message, reserved, 4);
FIELD(bureau_host_message, send, 8);

/* model.h */
SIZE(bureau_model_request, 88);
FIELD(bureau_model_request, struct_size, 0);
FIELD(bureau_model_request, flags, 4);
FIELD(bureau_model_request, model, 8);
FIELD(bureau_model_request, messages_json, 24);
FIELD(bureau_model_request, options_json, 40);
FIELD(bureau_model_request, max_output_tokens, 56);
FIELD(bureau_model_request, timeout_ms, 64);
FIELD(bureau_model_request, max_cost_nanodollars, 72);
FIELD(bureau_model_request, chunk_credit, 80);
SIZE(bureau_host_model, 16);
FIELD(bureau_host_model, struct_size, 0);
FIELD(bureau_host_model, reserved, 4);
FIELD(bureau_host_model, start, 8);

/* random.h */
SIZE(bureau_host_random, 16);
FIELD(bureau_host_random, struct_size, 0);
FIELD(bureau_host_random, reserved, 4);
FIELD(bureau_host_random, bytes, 8);

/* state.h */
SIZE(bureau_host_state, 40);
FIELD(bureau_host_state, struct_size, 0);
FIELD(bureau_host_state, reserved, 4);
FIELD(bureau_host_state, get, 8);
FIELD(bureau_host_state, put, 16);
FIELD(bureau_host_state, remove, 24);
FIELD(bureau_host_state, list, 32);

/* step.h */
SIZE(bureau_host_step, 24);
FIELD(bureau_host_step, struct_size, 0);
FIELD(bureau_host_step, reserved, 4);
FIELD(bureau_host_step, begin, 8);
FIELD(bureau_host_step, record, 16);

/* timer.h */
SIZE(bureau_host_timer, 16);
FIELD(bureau_host_timer, struct_size, 0);
FIELD(bureau_host_timer, reserved, 4);
FIELD(bureau_host_timer, sleep, 8);

/* tool.h */
SIZE(bureau_host_tool, 16);
FIELD(bureau_host_tool, struct_size, 0);
FIELD(bureau_host_tool, reserved, 4);
FIELD(bureau_host_tool, call, 8);

/* plugin_reload.h */
SIZE(bureau_plugin_reload, 32);
FIELD(bureau_plugin_reload, struct_size, 0);
FIELD(bureau_plugin_reload, reserved, 4);
FIELD(bureau_plugin_reload, quiesce, 8);
FIELD(bureau_plugin_reload, resume, 16);
FIELD(bureau_plugin_reload, probe, 24);

/* plugin_state.h */
SIZE(bureau_plugin_state, 24);
FIELD(bureau_plugin_state, struct_size, 0);
FIELD(bureau_plugin_state, schema_version, 4);
FIELD(bureau_plugin_state, save, 8);
FIELD(bureau_plugin_state, load, 16);

/* stream.h */
SIZE(bureau_reader, 24);
FIELD(bureau_reader, struct_size, 0);
FIELD(bureau_reader, reserved, 4);
FIELD(bureau_reader, impl, 8);
FIELD(bureau_reader, read, 16);
SIZE(bureau_writer, 24);
FIELD(bureau_writer, struct_size, 0);
FIELD(bureau_writer, reserved, 4);
FIELD(bureau_writer, impl, 8);
FIELD(bureau_writer, write, 16);

/* entry.h */
SIZE(bureau_host_info, 40);
FIELD(bureau_host_info, struct_size, 0);
FIELD(bureau_host_info, abi_major, 4);
FIELD(bureau_host_info, abi_minor, 6);
FIELD(bureau_host_info, name, 8);
FIELD(bureau_host_info, version, 24);
SIZE(bureau_entry, 88);
FIELD(bureau_entry, struct_size, 0);
FIELD(bureau_entry, abi_major, 4);
FIELD(bureau_entry, abi_minor, 6);
FIELD(bureau_entry, min_host_minor, 8);
FIELD(bureau_entry, reserved, 10);
FIELD(bureau_entry, reserved2, 12);
FIELD(bureau_entry, id, 16);
FIELD(bureau_entry, version, 32);
FIELD(bureau_entry, toolchain, 48);
FIELD(bureau_entry, manifest_json, 64);
FIELD(bureau_entry, create, 80);

/* Constants */
VALUE(BUREAU_ABI_MAJOR, 1u);
VALUE(BUREAU_ABI_MINOR, 0u);
VALUE(BUREAU_OK, 0);
VALUE(BUREAU_E_INVALID, -1);
VALUE(BUREAU_E_UNSUPPORTED, -2);
VALUE(BUREAU_E_DENIED, -3);
VALUE(BUREAU_E_BUDGET, -4);
VALUE(BUREAU_E_CANCELLED, -5);
VALUE(BUREAU_E_DEADLINE, -6);
VALUE(BUREAU_E_BUSY, -7);
VALUE(BUREAU_E_STALE, -8);
VALUE(BUREAU_E_STATE_VERSION, -9);
VALUE(BUREAU_E_IO, -10);
VALUE(BUREAU_E_INTERNAL, -11);
VALUE(BUREAU_E_NOT_FOUND, -12);
VALUE(BUREAU_E_CONFLICT, -13);
VALUE(BUREAU_E_TOO_LARGE, -14);
VALUE(BUREAU_E_REPLAY, -15);
VALUE(BUREAU_MAX_NAME_BYTES, 256u);
VALUE(BUREAU_EMIT_PROGRESS, 1u);
VALUE(BUREAU_EMIT_PARTIAL, 2u);
VALUE(BUREAU_STEP_AMBIGUOUS_DEFAULT, 0u);
VALUE(BUREAU_STEP_AMBIGUOUS_RETRY, 1u);
VALUE(BUREAU_STEP_AMBIGUOUS_ASK, 2u);
VALUE(BUREAU_STEP_AMBIGUOUS_FAIL, 3u);
VALUE(BUREAU_EVENT_CHUNK, 1u);
VALUE(BUREAU_EVENT_DONE, 2u);
VALUE(BUREAU_EVENT_FAILED, 3u);
VALUE(BUREAU_EVENT_CANCELLED, 4u);
VALUE(BUREAU_EVENT_COMPUTE, 5u);
VALUE(BUREAU_EVENT_FLAG_REPLAYED, 1u);
VALUE(BUREAU_LOG_DEBUG, 0);
VALUE(BUREAU_LOG_INFO, 1);
VALUE(BUREAU_LOG_WARNING, 2);
VALUE(BUREAU_LOG_ERROR, 3);
