/* http.h: the host fetches; a plugin has no sockets.
 * Only hosts that the manifest asks for and the operator grants; private addresses are refused. */
#ifndef BUREAU_HTTP_H
#define BUREAU_HTTP_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

typedef struct bureau_http_request {
  uint32_t struct_size;
  uint32_t flags;          /* 0 */
  bureau_str method;       /* "GET", "POST", … */
  bureau_str url;          /* https://… */
  bureau_buf headers_json; /* empty or {"accept":"…"}; credentials are added by the host, not here */
  bureau_buf body;
  uint64_t timeout_ms;         /* 0: the operator's limit */
  uint64_t max_response_bytes; /* 0: the operator's limit */
} bureau_http_request;

#define BUREAU_HOST_HTTP "bureau.host.http/1"
typedef struct bureau_host_http {
  uint32_t struct_size, reserved;

  /* [any] EVENT_DONE for any HTTP status: value is the status, data the body, message the headers as JSON. */
  bureau_status (*fetch)(const bureau_host *host, bureau_call call, const bureau_step *step,
                         const bureau_http_request *request, bureau_op *out);
} bureau_host_http;

BUREAU_EXTERN_C_END

#endif
