/* null_entry.c: the entry function refuses every host. */
#include <bureau/bureau.h>

const bureau_entry *bureau_plugin_entry_v1(const bureau_host_info *host) {
  (void)host;
  return 0;
}
