/* budget.h: what may still be spent. Model calls reserve by themselves; `reserve` is for a plugin that wants to
 * know before a long piece of work that its money is there. */
#ifndef BUREAU_BUDGET_H
#define BUREAU_BUDGET_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_HOST_BUDGET "bureau.host.budget/1"
typedef struct bureau_host_budget {
  uint32_t struct_size, reserved;

  /* [any] EVENT_DONE: data is {"remaining_nanodollars":n,"limited_by":"…"}; n is null when nothing limits. */
  bureau_status (*remaining)(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_op *out);

  /* [any] EVENT_DONE: value is a ticket; held until released or until the run ends. EVENT_FAILED: BUREAU_E_BUDGET. */
  bureau_status (*reserve)(const bureau_host *host, bureau_call call, const bureau_step *step,
                           int64_t nanodollars, bureau_op *out);

  /* [any] EVENT_DONE; a ticket that is not held is BUREAU_E_NOT_FOUND. */
  bureau_status (*release)(const bureau_host *host, bureau_call call, const bureau_step *step, uint64_t ticket,
                           bureau_op *out);
} bureau_host_budget;

BUREAU_EXTERN_C_END

#endif
