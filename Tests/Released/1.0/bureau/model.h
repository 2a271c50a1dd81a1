/* model.h: calls to language models, through the host's gateway.
 *
 * The host chooses provider and key, reserves an upper bound from every budget above the run before anything is
 * sent, and settles the exact cost before the answer is delivered. Without room: BUREAU_E_BUDGET in the terminal
 * event, and nothing was sent.
 */
#ifndef BUREAU_MODEL_H
#define BUREAU_MODEL_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

typedef struct bureau_model_request {
  uint32_t struct_size;
  uint32_t flags;           /* 0 */
  bureau_str model;         /* "provider/model", or a class that the operator maps; empty: the default   */
  bureau_buf messages_json; /* [{"role":"system"|"user"|"assistant"|"tool","content":"…"}, …]             */
  bureau_buf options_json;  /* empty or {"temperature_milli":0,"stop":["…"],"seed":1,"tools":[…],
                               "response_schema":{…}}; an unknown member is BUREAU_E_UNSUPPORTED          */
  uint64_t max_output_tokens;    /* 0: the host injects the model's or the policy's limit */
  uint64_t timeout_ms;           /* 0: the operator's limit */
  int64_t max_cost_nanodollars;  /* 0: only the budgets limit */
  uint64_t chunk_credit;         /* 0: no CHUNK events */
} bureau_model_request;

#define BUREAU_HOST_MODEL "bureau.host.model/1"
typedef struct bureau_host_model {
  uint32_t struct_size, reserved;

  /* [any] EVENT_DONE: data is JSON {"text":"…","model":"…","provider":"…","finish_reason":"…"}, usage is set. */
  bureau_status (*start)(const bureau_host *host, bureau_call call, const bureau_step *step,
                         const bureau_model_request *request, bureau_op *out);
} bureau_host_model;

BUREAU_EXTERN_C_END

#endif
