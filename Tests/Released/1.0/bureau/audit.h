/* audit.h: domain facts for the audit log. The host records every effect by itself; a note adds, it cannot
 * rewrite or replace. */
#ifndef BUREAU_AUDIT_H
#define BUREAU_AUDIT_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_HOST_AUDIT "bureau.host.audit/1"
typedef struct bureau_host_audit {
  uint32_t struct_size, reserved;

  /* [any] EVENT_DONE once the leaf is in the tree: value is its index. `type` is dotted lower case
   * ("decision.vetoed"); `json` is at most 8 KiB. */
  bureau_status (*note)(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_str type,
                        bureau_buf json, bureau_op *out);
} bureau_host_audit;

BUREAU_EXTERN_C_END

#endif
