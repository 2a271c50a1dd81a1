/* bad.c: one file, built once for each way of being wrong: -DENTRY=0, -DMAJOR=2, -DMANIFEST=..., -DEARLY=1. */
#include <bureau/bureau.h>

#ifndef MAJOR
#define MAJOR BUREAU_ABI_MAJOR
#endif
#ifndef ENTRY
#define ENTRY 1
#endif
#ifndef EARLY
#define EARLY 0
#endif
#ifndef MANIFEST
#define MANIFEST                                                                                                       \
  "{\"manifest_version\":1,\"id\":\"org.example.bad\",\"department\":\"bad\",\"title\":\"Bad\",\"summary\":\"Bad.\","  \
  "\"version\":\"1.0.0\",\"state_schema_version\":1,"                                                                  \
  "\"wants\":{\"models\":[],\"tools\":[],\"hosts\":[],\"departments\":[]},\"tasks\":[{\"name\":\"go\","                \
  "\"summary\":\"Go.\",\"requires_approval\":false,\"input_schema\":{\"type\":\"object\"},"                            \
  "\"output_schema\":{\"type\":\"object\"}}]}"
#endif

#define STR(text) {text, sizeof(text) - 1}

#if ENTRY
static bureau_status create(const bureau_host *host, bureau_plugin **out) {
  (void)out;
#if EARLY
  host->wake(host, 1);
#else
  (void)host;
#endif
  return BUREAU_E_INTERNAL;
}

BUREAU_EXPORT const bureau_entry *bureau_plugin_entry_v1(const bureau_host_info *host) {
  static const bureau_entry entry = {
      .struct_size = sizeof(bureau_entry),
      .abi_major = MAJOR,
      .abi_minor = BUREAU_ABI_MINOR,
      .id = STR("org.example.bad"),
      .version = STR("1.0.0"),
      .toolchain = STR("c11"),
      .manifest_json = {(const uint8_t *)MANIFEST, sizeof(MANIFEST) - 1},
      .create = create,
  };
  (void)host;
  return &entry;
}
#else
BUREAU_EXPORT int nothing(void) { return 0; }
#endif
