/* http.h: the host fetches; a plugin has no sockets.
 *
 * Only hosts that the manifest asks for (`wants.hosts`) and the operator grants; https, unless the operator allows a
 * host without; never an address inside, whatever the name says. Redirects are followed, at most five, each to a
 * granted host; the answer is that of the last. GET, HEAD and OPTIONS are repeated after a crash; a POST, PUT, PATCH
 * or DELETE that was under way then is asked about, unless the step says otherwise.
 *
 * BUREAU_E_INVALID: the URL, the method or a header. BUREAU_E_DENIED: no grant, or an address inside.
 * BUREAU_E_DEADLINE, BUREAU_E_TOO_LARGE: past a limit. BUREAU_E_IO: no connection, or it broke. */
#ifndef BUREAU_HTTP_H
#define BUREAU_HTTP_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

typedef struct bureau_http_request {
  uint32_t struct_size;
  uint32_t flags;          /* 0 */
  bureau_str method;       /* "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE" */
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
