/* child.h: work for another department, waited for. The child is a run of its own, paid from this run's budget;
 * it is cancelled with this run. */
#ifndef BUREAU_CHILD_H
#define BUREAU_CHILD_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_HOST_CHILD "bureau.host.child/1"
typedef struct bureau_host_child {
  uint32_t struct_size, reserved;

  /* [any] EVENT_DONE: data is the child's output (JSON), message its run id. EVENT_FAILED: the child's status. */
  bureau_status (*run)(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_str department,
                       bureau_str task, bureau_buf input_json, bureau_op *out);

  /* [any] A plan: a DAG of department tasks.
   *   {"nodes":[{"id":"a","department":"research","task":"market-gaps","input":{…},"after":["b"]}, …]}
   * In `input`, {"$from":"<node>","pointer":"/json/pointer"} stands for a part of an earlier node's output.
   * EVENT_DONE: data is {"outputs":{"a":…}}, message the plan's run id. */
  bureau_status (*plan)(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_buf plan_json,
                        bureau_op *out);
} bureau_host_child;

BUREAU_EXTERN_C_END

#endif
