/* state.h: durable key and value, kept by the host for one agent of one department.
 * Revisions start at 1; a missing key has revision 0. Writes are compare-and-swap when asked. */
#ifndef BUREAU_STATE_H
#define BUREAU_STATE_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_STATE_ANY_REVISION UINT64_MAX

#define BUREAU_HOST_STATE "bureau.host.state/1"
typedef struct bureau_host_state {
  uint32_t struct_size, reserved;

  /* [any] EVENT_DONE: data is the value, value the revision; EVENT_FAILED with BUREAU_E_NOT_FOUND. */
  bureau_status (*get)(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_str key,
                       bureau_op *out);

  /* [any] EVENT_DONE: value is the new revision. `expected_revision` 0: only if missing;
   * BUREAU_STATE_ANY_REVISION: always; otherwise EVENT_FAILED with BUREAU_E_CONFLICT, value the current one. */
  bureau_status (*put)(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_str key,
                       bureau_buf value, uint64_t expected_revision, bureau_op *out);

  /* [any] As `put`; removing a missing key is no error. */
  bureau_status (*remove)(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_str key,
                          uint64_t expected_revision, bureau_op *out);

  /* [any] EVENT_DONE: data is a JSON array of the keys that start with `prefix`, sorted, at most 1,000. */
  bureau_status (*list)(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_str prefix,
                        bureau_op *out);
} bureau_host_state;

BUREAU_EXTERN_C_END

#endif
