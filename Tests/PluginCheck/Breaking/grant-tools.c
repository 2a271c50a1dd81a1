/* grant-tools: calls a tool that it does not wish for. */
#define AT_EVENT if (event->token == 90) return
#define AT_CALL \
  bureau_step extra = STEP(90, "extra");                                                                  \
  bureau_op op;                                                                                           \
  const bureau_host_tool *tools = service(self, BUREAU_HOST_TOOL);                                        \
  if (tools) tools->call(self->host, c->handle, &extra, TEXT("shell"), BYTES("{}"), 0, &op)
#include "../sound.h"
