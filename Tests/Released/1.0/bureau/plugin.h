/* plugin.h: what a plugin instance gives to its host.
 *
 * LIFE.  entry -> create -> setup -> (begin, cancel, on_event, on_wake)* -> destroy
 *   `create` may not call the host; from `setup` on it may. `destroy` comes only when no call is open.
 *   One loaded plugin may have many instances (one for each agent), each with its own host table and lane.
 */
#ifndef BUREAU_PLUGIN_H
#define BUREAU_PLUGIN_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

typedef struct bureau_task {
  uint32_t struct_size;
  uint32_t attempt;           /* 1 for the first; delivery to plugins is at least once */
  bureau_call call;
  bureau_str type;            /* the task's name in the manifest */
  bureau_buf input_json;      /* checked against the manifest's schema */
  bureau_str idempotency_key; /* the same on every attempt of this run */
  bureau_str run_id;
  uint64_t timeout_ms;        /* left for this attempt; 0: none */
} bureau_task;

typedef struct bureau_plugin {
  uint32_t struct_size, reserved;
  void *impl; /* the plugin's own */

  /* [lane] Once. `config_json` is the agent's configuration, `{}` when it has none. A failure status ends the
   * instance; call host->log for the reason. */
  bureau_status (*setup)(struct bureau_plugin *plugin, bureau_buf config_json);

  /* [lane] Takes a task and returns fast; the answer comes by host->complete, now or later. A failure status
   * refuses the task, and there is no call to complete. */
  bureau_status (*begin)(struct bureau_plugin *plugin, const bureau_task *task);

  /* [lane] The run is cancelled (BUREAU_E_CANCELLED), late (BUREAU_E_DEADLINE), or the host gives the call up
   * (BUREAU_E_BUSY: it will be tried again). Complete soon; after the grace period the host ends the call, and
   * in a worker the process. */
  void (*cancel)(struct bureau_plugin *plugin, bureau_call call, bureau_status reason);

  /* [lane] */
  void (*on_event)(struct bureau_plugin *plugin, const bureau_event *event);

  /* [lane] Answer to host->wake. */
  void (*on_wake)(struct bureau_plugin *plugin, uint64_t token);

  /* [lane] Last. Frees the plugin's memory, stops its threads. */
  void (*destroy)(struct bureau_plugin *plugin);

  /* [any] A plugin-side table ("bureau.plugin.state/1"), valid until `destroy`, or null. */
  const void *(*get_extension)(struct bureau_plugin *plugin, bureau_str id);
} bureau_plugin;

BUREAU_EXTERN_C_END

#endif
