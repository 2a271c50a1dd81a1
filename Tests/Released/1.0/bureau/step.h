/* step.h: work of the plugin's own whose result must survive a crash.
 *
 *     begin("rank-3") -> EVENT_DONE: data is what an earlier attempt recorded; use it
 *                     -> EVENT_COMPUTE: not recorded; compute, then record(event->value, …) -> EVENT_DONE
 *
 * Between COMPUTE and the DONE of `record` a crash repeats the computation; after it, never.
 */
#ifndef BUREAU_STEP_H
#define BUREAU_STEP_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_HOST_STEP "bureau.host.step/1"
typedef struct bureau_host_step {
  uint32_t struct_size, reserved;

  /* [any] `shape` is what the result depends on (may be empty); it is digested, not stored. */
  bureau_status (*begin)(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_buf shape,
                         bureau_op *out);

  /* [any] Ends the step that COMPUTE opened with `ticket`. A failure `status` is recorded too, with `message`,
   * and delivered as EVENT_FAILED, now and on replay. */
  bureau_status (*record)(const bureau_host *host, bureau_call call, uint64_t ticket, uint64_t token,
                          bureau_status status, bureau_buf result, bureau_str message, bureau_op *out);
} bureau_host_step;

BUREAU_EXTERN_C_END

#endif
