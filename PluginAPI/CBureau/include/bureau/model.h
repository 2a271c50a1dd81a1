/* model.h: calls to language models, through the host's gateway.
 *
 * The host chooses provider and key, reserves an upper bound from every budget above the run before anything is
 * sent, and settles the exact cost before the answer is delivered. Without room: BUREAU_E_BUDGET in the terminal
 * event, and nothing was sent.
 *
 * Messages: content is a string, or an array of parts
 *   {"type":"text","text":"…"}
 *   {"type":"image","media_type":"image/png"|"image/jpeg"|"image/gif"|"image/webp","data_base64":"…"}
 * of which any may have "cache":"5m"|"1h": a wish that the provider keeps the conversation up to there. Images are the
 * user's. An assistant's message may carry "tool_calls":[{"id":"…","name":"…","arguments":{…}}] as a model answered
 * them, and a tool's names the call that it is the result of: "tool_call_id":"…".
 *
 * Options, all of them optional:
 *   "temperature_milli"  0 to 2000
 *   "stop"               at most 16 strings
 *   "seed"               a wish; providers without seeds do not get it
 *   "tools"              [{"name":"…","description":"…","parameters":{JSON Schema}}], at most 128
 *   "tool_choice"        "auto", "none", "required" or {"tool":"<name>"}
 *   "parallel_tool_calls"  false: at most one tool in an answer
 *   "response_schema"    a JSON Schema for the answer's text
 *   "repairs"            0 to 2, 1 unless said
 *
 * The host checks what comes back: tools exist, arguments fit their schemas, the text fits response_schema. Where not,
 * it tells the model what is wrong and asks again, at most "repairs" times; each of these attempts is reserved, paid
 * and recorded as its own. After that: BUREAU_E_INVALID with what is wrong. Pieces of text (CHUNK) are provisional: an
 * attempt that is made again sends them again from the beginning, and the terminal event has the whole text.
 */
#ifndef BUREAU_MODEL_H
#define BUREAU_MODEL_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

typedef struct bureau_model_request {
  uint32_t struct_size;
  uint32_t flags;           /* 0 */
  bureau_str model;         /* "provider/model", or a class that the operator maps; empty: the default   */
  bureau_buf messages_json; /* [{"role":"system"|"user"|"assistant"|"tool","content":…}, …], see above    */
  bureau_buf options_json;  /* empty or an object, see above; an unknown member is BUREAU_E_UNSUPPORTED   */
  uint64_t max_output_tokens;    /* 0: the host injects the model's or the policy's limit */
  uint64_t timeout_ms;           /* 0: the operator's limit */
  int64_t max_cost_nanodollars;  /* 0: only the budgets limit */
  uint64_t chunk_credit;         /* 0: no CHUNK events */
} bureau_model_request;

#define BUREAU_HOST_MODEL "bureau.host.model/1"
typedef struct bureau_host_model {
  uint32_t struct_size, reserved;

  /* [any] EVENT_DONE: data is JSON {"text":"…","model":"…","provider":"…","finish_reason":"…"}, with
     "tool_calls":[{"id":"…","name":"…","arguments":{…}}] where the model asks for tools; usage is set. */
  bureau_status (*start)(const bureau_host *host, bureau_call call, const bureau_step *step,
                         const bureau_model_request *request, bureau_op *out);
} bureau_host_model;

BUREAU_EXTERN_C_END

#endif
