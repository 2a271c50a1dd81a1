#define _GNU_SOURCE
#include <clane/lane.h>
#include <dlfcn.h>
#include <string.h>

#include "limits.h"

static void send_nowhere(void *context, const lane_frame *frame) {
  int32_t *created = context;
  if (frame->header.kind == LANE_CREATED) *created = 1;
}

static void wake_nobody(void *context) { (void)context; }

double limit_inline_task_ns(const char *plugin, const char *task, uint64_t count) {
  void *image = dlopen(plugin, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  lane_entry_function entry = image ? (lane_entry_function)dlsym(image, "bureau_plugin_entry_v1") : NULL;
  int32_t created = 0;
  lane_sink sink = {&created, send_nowhere, wake_nobody, NULL};
  lane_options options = {"bench", "1", BUREAU_LOG_ERROR, 0};
  lane_problem problem;
  lane *opened = entry ? lane_open(entry, &sink, &options, &problem) : NULL;
  if (!opened) return -1;
  /* CREATE with DATA "{}". */
  uint8_t body[] = {LANE_DATA, 2, 0, 0, 0, '{', '}'};
  lane_header header = {sizeof body, LANE_CREATE, 0, 0, 1};
  if (lane_dispatch(opened, &header, body) || !created) return -1;
  lane_measure(opened, 1, task, count / 10);
  return (double)lane_measure(opened, 1, task, count) / (double)count;
}
