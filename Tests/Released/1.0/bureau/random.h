/* random.h: randomness as the run sees it: recorded once, equal on every replay. Not for keys or secrets. */
#ifndef BUREAU_RANDOM_H
#define BUREAU_RANDOM_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_HOST_RANDOM "bureau.host.random/1"
typedef struct bureau_host_random {
  uint32_t struct_size, reserved;

  /* [any] EVENT_DONE: data is `count` bytes (1 to 4,096). */
  bureau_status (*bytes)(const bureau_host *host, bureau_call call, const bureau_step *step, uint64_t count,
                         bureau_op *out);
} bureau_host_random;

BUREAU_EXTERN_C_END

#endif
