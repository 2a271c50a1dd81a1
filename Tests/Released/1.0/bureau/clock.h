/* clock.h: the time as the run sees it: recorded once, equal on every replay. */
#ifndef BUREAU_CLOCK_H
#define BUREAU_CLOCK_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_HOST_CLOCK "bureau.host.clock/1"
typedef struct bureau_host_clock {
  uint32_t struct_size, reserved;

  /* [any] EVENT_DONE: value is Unix time in milliseconds. */
  bureau_status (*now)(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_op *out);
} bureau_host_clock;

BUREAU_EXTERN_C_END

#endif
