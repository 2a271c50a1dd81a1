/* log.h: lines for the operator. Not an effect: never journaled, dropped and counted when flooded. */
#ifndef BUREAU_LOG_H
#define BUREAU_LOG_H

#include "host.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_LOG_DEBUG 0
#define BUREAU_LOG_INFO 1
#define BUREAU_LOG_WARNING 2
#define BUREAU_LOG_ERROR 3

#define BUREAU_HOST_LOG "bureau.host.log/1"
typedef struct bureau_host_log {
  uint32_t struct_size, reserved;

  /* [any] 1 when a line of this level would be kept. */
  uint32_t (*enabled)(const bureau_host *host, int32_t level);

  /* [any] `call` may be 0. Lines over 8 KiB are cut. */
  void (*write)(const bureau_host *host, bureau_call call, int32_t level, bureau_str text);
} bureau_host_log;

BUREAU_EXTERN_C_END

#endif
