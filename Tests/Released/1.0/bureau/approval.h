/* approval.h: a person decides. The run waits without holding a thread, as long as it takes. */
#ifndef BUREAU_APPROVAL_H
#define BUREAU_APPROVAL_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

typedef struct bureau_approval_request {
  uint32_t struct_size;
  uint32_t flags;          /* 0 */
  bureau_str title;        /* one line: what is asked */
  bureau_str body;         /* Markdown: what the decider must know */
  bureau_buf content_json; /* what is released when approved; a decider may edit it */
  uint64_t expires_ms;     /* after the request, 0: never */
} bureau_approval_request;

#define BUREAU_HOST_APPROVAL "bureau.host.approval/1"
typedef struct bureau_host_approval {
  uint32_t struct_size, reserved;

  /* [any] EVENT_DONE: data is {"approved":true|false,"by":"…","reason":"…","content":…}; expiry is
   * EVENT_FAILED with BUREAU_E_DEADLINE. */
  bureau_status (*request)(const bureau_host *host, bureau_call call, const bureau_step *step,
                           const bureau_approval_request *request, bureau_op *out);
} bureau_host_approval;

BUREAU_EXTERN_C_END

#endif
