/* grant-hosts: fetches from a host that it does not wish for. */
#define AT_EVENT if (event->token == 90) return
#define AT_CALL \
  bureau_step extra = STEP(90, "extra");                                                                  \
  bureau_http_request fetch = {                                                                           \
      .struct_size = sizeof fetch, .method = TEXT("GET"), .url = TEXT("https://elsewhere.example/a")};    \
  bureau_op op;                                                                                           \
  const bureau_host_http *http = service(self, BUREAU_HOST_HTTP);                                         \
  if (http) http->fetch(self->host, c->handle, &extra, &fetch, &op)
#include "../sound.h"
