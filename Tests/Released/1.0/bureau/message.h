/* message.h: a message to another department, not waited for. Delivered at least once, with the step's key for
 * telling duplicates apart. */
#ifndef BUREAU_MESSAGE_H
#define BUREAU_MESSAGE_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_HOST_MESSAGE "bureau.host.message/1"
typedef struct bureau_host_message {
  uint32_t struct_size, reserved;

  /* [any] EVENT_DONE once it is in the journal. */
  bureau_status (*send)(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_str department,
                        bureau_str type, bureau_buf payload_json, bureau_op *out);
} bureau_host_message;

BUREAU_EXTERN_C_END

#endif
