/* What a descriptor and an instance must have before anything of them is used. */
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

void problem_set(lane_problem *problem, int32_t code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  problem->code = code;
  vsnprintf(problem->text, sizeof problem->text, format, arguments);
  va_end(arguments);
}

static bool text_check(bureau_str text, uint64_t limit, const char *field, lane_problem *problem) {
  if (!text.ptr || text.len == 0) {
    problem_set(problem, LANE_PROBLEM_ABI, "the descriptor's %s is missing", field);
    return false;
  }
  if (text.len > limit) {
    problem_set(problem, LANE_PROBLEM_ABI, "the descriptor's %s has %llu bytes, at most %llu are allowed", field,
                (unsigned long long)text.len, (unsigned long long)limit);
    return false;
  }
  if (!lane_is_utf8(text.ptr, text.len)) {
    problem_set(problem, LANE_PROBLEM_ABI, "the descriptor's %s is not valid UTF-8", field);
    return false;
  }
  return true;
}

static bool version_check(const bureau_entry *entry, lane_problem *problem) {
  const uint64_t needed = offsetof(bureau_entry, create) + sizeof entry->create;
  if (entry->struct_size < needed) {
    problem_set(problem, LANE_PROBLEM_ABI, "the descriptor's struct_size is %u, this host needs at least %llu",
                entry->struct_size, (unsigned long long)needed);
    return false;
  }
  if (entry->abi_major != BUREAU_ABI_MAJOR) {
    problem_set(problem, LANE_PROBLEM_ABI, "the plugin was built for ABI major %u, this host has %u",
                entry->abi_major, BUREAU_ABI_MAJOR);
    return false;
  }
  if (entry->min_host_minor > BUREAU_ABI_MINOR) {
    problem_set(problem, LANE_PROBLEM_ABI, "the plugin needs a host with ABI %u.%u or later, this host has %u.%u",
                BUREAU_ABI_MAJOR, entry->min_host_minor, BUREAU_ABI_MAJOR, BUREAU_ABI_MINOR);
    return false;
  }
  return true;
}

const bureau_entry *entry_check(lane_entry_function function, const lane_options *options, lane_problem *problem) {
  /* Plugins may keep it, so it must not be on the stack. */
  static bureau_host_info info;
  info = (bureau_host_info){sizeof info,
                            BUREAU_ABI_MAJOR,
                            BUREAU_ABI_MINOR,
                            {options->host_name, strlen(options->host_name)},
                            {options->host_version, strlen(options->host_version)}};
  const bureau_entry *entry = function(&info);
  if (!entry) {
    problem_set(problem, LANE_PROBLEM_ABI, "bureau_plugin_entry_v1 returned null for a host with ABI %u.%u",
                BUREAU_ABI_MAJOR, BUREAU_ABI_MINOR);
    return NULL;
  }
  if (!version_check(entry, problem)) return NULL;
  if (!text_check(entry->id, BUREAU_MAX_NAME_BYTES, "id", problem)) return NULL;
  if (!text_check(entry->version, 64, "version", problem)) return NULL;
  if (!text_check(entry->toolchain, 128, "toolchain", problem)) return NULL;
  bureau_str manifest = {(const char *)entry->manifest_json.ptr, entry->manifest_json.len};
  if (!text_check(manifest, 1024 * 1024, "manifest_json", problem)) return NULL;
  if (!entry->create) {
    problem_set(problem, LANE_PROBLEM_ABI, "the descriptor's create is null");
    return NULL;
  }
  return entry;
}

bool plugin_check(const bureau_plugin *plugin, lane_problem *problem) {
  if (!plugin) {
    problem_set(problem, LANE_PROBLEM_CREATE, "create returned BUREAU_OK without an instance");
    return false;
  }
  const uint64_t needed = offsetof(bureau_plugin, destroy) + sizeof plugin->destroy;
  if (plugin->struct_size < needed) {
    problem_set(problem, LANE_PROBLEM_CREATE, "the instance's struct_size is %u, this host needs at least %llu",
                plugin->struct_size, (unsigned long long)needed);
    return false;
  }
  const char *missing = !plugin->setup      ? "setup"
                        : !plugin->begin    ? "begin"
                        : !plugin->cancel   ? "cancel"
                        : !plugin->on_event ? "on_event"
                        : !plugin->on_wake  ? "on_wake"
                        : !plugin->destroy  ? "destroy"
                                            : NULL;
  if (missing) problem_set(problem, LANE_PROBLEM_CREATE, "the instance's %s is null", missing);
  return !missing;
}
