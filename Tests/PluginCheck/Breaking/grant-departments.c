/* grant-departments: asks a department that it does not wish for. */
#define AT_EVENT if (event->token == 90) return
#define AT_CALL \
  bureau_step extra = STEP(90, "extra");                                                                  \
  bureau_op op;                                                                                           \
  const bureau_host_child *children = service(self, BUREAU_HOST_CHILD);                                   \
  if (children)                                                                                           \
  children->run(self->host, c->handle, &extra, TEXT("legal"), TEXT("opinion"), BYTES("{}"), &op)
#include "../sound.h"
