/* broken_manifest.c: a manifest that is no JSON document. */
#define MANIFEST "{\"manifest_version\":1,}"
#include "skeleton.h"

static bureau_status on_begin(agent *agent, const bureau_task *task) { return finish(agent, task->call, "{}"); }
