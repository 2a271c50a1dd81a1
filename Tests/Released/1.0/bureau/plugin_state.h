/* plugin_state.h: handing state from one generation of a plugin to the next, as bytes with a schema number.
 * The host wraps them with plugin id, version and digest. This is memory; durable facts belong in state.h. */
#ifndef BUREAU_PLUGIN_STATE_H
#define BUREAU_PLUGIN_STATE_H

#include "plugin.h"
#include "stream.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_PLUGIN_STATE "bureau.plugin.state/1"
typedef struct bureau_plugin_state {
  uint32_t struct_size;
  uint32_t schema_version; /* of what `save` writes */

  /* [lane] Two saves without work in between write the same bytes. */
  bureau_status (*save)(bureau_plugin *plugin, const bureau_writer *writer);

  /* [lane] After `setup`, before the first `begin`. BUREAU_E_STATE_VERSION when `schema_version` is unknown:
   * the old generation then stays. */
  bureau_status (*load)(bureau_plugin *plugin, uint32_t schema_version, const bureau_reader *reader);
} bureau_plugin_state;

BUREAU_EXTERN_C_END

#endif
