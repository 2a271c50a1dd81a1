/* early_call.c: calls the host from `create`. */
#define OWN_CREATE
#include "skeleton.h"

static bureau_status on_create(const bureau_host *host) { return host->wake(host, 1) == BUREAU_OK ? -11 : BUREAU_OK; }
static bureau_status on_begin(agent *agent, const bureau_task *task) { return finish(agent, task->call, "{}"); }
