/* timer.h: sleeping, from milliseconds to months. The due time is recorded, so a restart does not start it anew. */
#ifndef BUREAU_TIMER_H
#define BUREAU_TIMER_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_HOST_TIMER "bureau.host.timer/1"
typedef struct bureau_host_timer {
  uint32_t struct_size, reserved;

  /* [any] EVENT_DONE not before `delay_ms` after the first start: value is the due time, Unix milliseconds. */
  bureau_status (*sleep)(const bureau_host *host, bureau_call call, const bureau_step *step, uint64_t delay_ms,
                         bureau_op *out);
} bureau_host_timer;

BUREAU_EXTERN_C_END

#endif
