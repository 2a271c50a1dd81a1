/* plugin_reload.h: leaving the stage for a newer generation. */
#ifndef BUREAU_PLUGIN_RELOAD_H
#define BUREAU_PLUGIN_RELOAD_H

#include "plugin.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_PLUGIN_RELOAD "bureau.plugin.reload/1"
typedef struct bureau_plugin_reload {
  uint32_t struct_size, reserved;

  /* [lane] Take no more work. Finish open calls within `timeout_ms`, or complete them with BUREAU_E_BUSY: they
   * are then replayed on the next generation, at no cost. */
  bureau_status (*quiesce)(bureau_plugin *plugin, uint64_t timeout_ms);

  /* [lane] The swap was rolled back: carry on. */
  bureau_status (*resume)(bureau_plugin *plugin);

  /* [lane] Health: BUREAU_OK when this instance could take work now. */
  bureau_status (*probe)(bureau_plugin *plugin);
} bureau_plugin_reload;

BUREAU_EXTERN_C_END

#endif
