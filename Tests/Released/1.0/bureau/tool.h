/* tool.h: named tools that the operator offers: native C functions, other plugins' functions, remote servers.
 * The host checks the grant and the arguments against the tool's schema before it performs anything. */
#ifndef BUREAU_TOOL_H
#define BUREAU_TOOL_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_HOST_TOOL "bureau.host.tool/1"
typedef struct bureau_host_tool {
  uint32_t struct_size, reserved;

  /* [any] EVENT_DONE: data is the tool's result as JSON. */
  bureau_status (*call)(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_str tool,
                        bureau_buf arguments_json, uint64_t timeout_ms, bureau_op *out);
} bureau_host_tool;

BUREAU_EXTERN_C_END

#endif
