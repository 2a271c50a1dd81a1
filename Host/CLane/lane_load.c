/* From a sealed file to an open lane. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

#include "internal.h"

lane_entry_function lane_load_entry(int descriptor, lane_problem *problem) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!handle) {
    problem_set(problem, LANE_PROBLEM_LOAD, "the loader refuses the file: %s", dlerror());
    return NULL;
  }
  lane_entry_function entry;
  *(void **)&entry = dlsym(handle, "bureau_plugin_entry_v1");
  if (!entry) {
    problem_set(problem, LANE_PROBLEM_MISSING_ENTRY, "the file does not export bureau_plugin_entry_v1");
    return NULL;
  }
  return entry;
}

lane *lane_load(int descriptor, const lane_sink *sink, const lane_options *options, lane_problem *problem) {
  lane_entry_function entry = lane_load_entry(descriptor, problem);
  return entry ? lane_open(entry, sink, options, problem) : NULL;
}
