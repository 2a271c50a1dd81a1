/* entry.h: the one symbol that a plugin exports.
 *
 *     const bureau_entry *bureau_plugin_entry_v1(const bureau_host_info *host);
 *
 * It returns a static descriptor and does nothing else: no threads, no files, no allocation that matters. A
 * function and not data, because Swift's @c exports functions only. The manifest's form is in
 * PluginAPI/README.md.
 */
#ifndef BUREAU_ENTRY_H
#define BUREAU_ENTRY_H

#include "plugin.h"

BUREAU_EXTERN_C_BEGIN

typedef struct bureau_host_info {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;
  bureau_str name, version;
} bureau_host_info;

typedef struct bureau_entry {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;
  uint16_t min_host_minor, reserved;
  uint32_t reserved2;
  bureau_str id;        /* reverse DNS: "org.example.greeter"                                     */
  bureau_str version;   /* semantic version                                                       */
  bureau_str toolchain; /* "c11", "swift-6.3.1;stdlib=dynamic": compared for inline Swift plugins */
  bureau_buf manifest_json;

  /* Makes an instance. May not call the host, but keeps `host`, which lives until `destroy` returns. */
  bureau_status (*create)(const bureau_host *host, bureau_plugin **out);
} bureau_entry;

BUREAU_EXPORT const bureau_entry *bureau_plugin_entry_v1(const bureau_host_info *host);

BUREAU_EXTERN_C_END

#endif
