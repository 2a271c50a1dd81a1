/* alone_only.c: answers when it is alone in its process, and refuses to be loaded beside another plugin. */
#define OWN_ENTRY
#define PLUGIN_ID "org.example.alone"
#include "skeleton.h"

static int plugins_in_process(void) {
  char line[512];
  int count = 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  while (maps && fgets(line, sizeof line, maps)) count += strstr(line, "r-xp") && strstr(line, "memfd:plugin");
  if (maps) fclose(maps);
  return count;
}

static bureau_status on_begin(agent *agent, const bureau_task *task) { return finish(agent, task->call, "alone"); }

const bureau_entry *bureau_plugin_entry_v1(const bureau_host_info *host) {
  static bureau_entry entry;
  (void)host;
  if (plugins_in_process() != 1) return NULL;
  entry = (bureau_entry){.struct_size = STRUCT_SIZE,
                         .abi_major = ABI_MAJOR,
                         .id = TEXT(PLUGIN_ID),
                         .version = TEXT(VERSION),
                         .toolchain = TEXT("c11"),
                         .manifest_json = BYTES(MANIFEST),
                         .create = skeleton_create};
  return &entry;
}
