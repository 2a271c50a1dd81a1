/* lane_check.h: for assertions in SDKs and tests. */
#ifndef BUREAU_LANE_CHECK_H
#define BUREAU_LANE_CHECK_H

#include "host.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_HOST_LANE_CHECK "bureau.host.lane-check/1"
typedef struct bureau_host_lane_check {
  uint32_t struct_size, reserved;

  /* [any] 1 when the calling thread is inside this instance's lane now. */
  uint32_t (*on_lane)(const bureau_host *host);
} bureau_host_lane_check;

BUREAU_EXTERN_C_END

#endif
