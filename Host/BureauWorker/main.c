/* bureau-worker: a process around one plugin. Started by the host only; see README.md. */
#define _GNU_SOURCE
#include <cnative/native.h>
#include <cprobe/probe.h>
#include <csandbox/sandbox.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "worker.h"

#define ARENAS 4

static lane_ring *ring;
static input *frames;
static lane *plugin_lane;

static void wake(void *context) {
  (void)context;
  lane_ring_rouse(ring);
}

static void pump(void *context) {
  (void)context;
  input_pump(frames, plugin_lane);
}

static int refuse(int32_t code, const char *text) {
  lane_problem problem = {.code = code};
  snprintf(problem.text, sizeof problem.text, "%s", text ? text : "unknown reason");
  output_refuse(&problem);
  return 1;
}

typedef struct hello_numbers {
  uint64_t protocol, memory_bytes, cpu_seconds, load;
} hello_numbers;

/* Copies a text field of HELLO, and reads its numbers. */
static void read_hello(const lane_header *header, const uint8_t *body, char version[64], lane_options *options,
                       hello_numbers *numbers) {
  *numbers = (hello_numbers){0};
  for (uint32_t at = 0; at + 5 <= header->length;) {
    uint8_t tag = body[at++];
    uint64_t value = 0;
    uint32_t size = tag & 0x80 ? 8 : 4;
    if (header->length - at < size) return;
    memcpy(&value, body + at, size);
    at += size;
    if (tag == LANE_PROTOCOL) numbers->protocol = value;
    if (tag == LANE_MEMORY) numbers->memory_bytes = value;
    if (tag == LANE_CPU) numbers->cpu_seconds = value;
    if (tag == LANE_KIND) numbers->load = value;
    if (tag == LANE_LEVEL) options->log_level = (int32_t)value;
    if (tag & 0x80) continue;
    if (value > header->length - at) return;
    if (tag == LANE_VERSION && value < 64) memcpy(version, body + at, value);
    at += (uint32_t)value;
  }
}

/* A plugin, or the functions of a plain library. */
static lane *open_lane(int file, uint64_t load, const lane_sink *sink, const lane_options *options,
                       lane_problem *problem) {
  if (load == LANE_LOAD_PLUGIN) return lane_load(file, sink, options, problem);
  return native_load(file, load == LANE_LOAD_LIBC, sink, options, problem);
}

/* Waits for HELLO, loads the plugin and checks its descriptor. */
static lane *load(int *failure) {
  static char version[64];
  lane_options options = {"bureau", version, BUREAU_LOG_INFO};
  lane_header header;
  const uint8_t *body;
  hello_numbers numbers;
  int files[LANE_MAX_DESCRIPTORS];
  uint32_t file_count = input_first(frames, &header, &body, files);
  read_hello(&header, body, version, &options, &numbers);
  if (header.kind != LANE_HELLO || numbers.protocol != LANE_PROTOCOL_VERSION) {
    *failure = refuse(LANE_PROBLEM_LOAD, "host and worker speak different protocol versions");
    return NULL;
  }
  if (file_count != 1) {
    *failure = refuse(LANE_PROBLEM_LOAD, "the host handed over no plugin file");
    return NULL;
  }
  int limited = sandbox_limit(numbers.memory_bytes, numbers.cpu_seconds);
  if (limited < 0) {
    *failure = refuse(LANE_PROBLEM_LOAD, strerror(-limited));
    return NULL;
  }
  lane_sink sink = {NULL, output_send, wake, pump};
  lane_problem problem;
  lane *opened = open_lane(files[0], numbers.load, &sink, &options, &problem);
  if (!opened) {
    output_refuse(&problem);
    *failure = 1;
    return NULL;
  }
  crash_note_objects(files, file_count);
  close(files[0]);
  if (sandbox_seal() < 0) {
    *failure = refuse(LANE_PROBLEM_LOAD, "a thread that the plugin started while it was loaded cannot be confined");
    return NULL;
  }
  lane_send_ready(opened);
  return opened;
}

/* The lane: one frame or wake at a time, until the host says goodbye. */
static int run(void) {
  for (;;) {
    lane_header header;
    const uint8_t *body;
    while (input_next(frames, &header, &body)) {
      if (lane_dispatch(plugin_lane, &header, body) < 0) return LANE_WORKER_EXIT_BROKEN;
      lane_run_wakes(plugin_lane);
    }
    bool more = lane_run_wakes(plugin_lane);
    input_fill(frames, !more);
  }
}

/* The mode, then folders with libraries, parted by colons. */
static void confine(int count, char **arguments) {
  /* Each arena reserves address space, which the memory limit counts. */
  mallopt(M_ARENA_MAX, ARENAS);
  sandbox_options options = {.last_descriptor = LANE_WORKER_LAST};
  for (char *rest = count > 2 ? arguments[2] : NULL, *folder; (folder = strsep(&rest, ":"));)
    if (folder[0] == '/' && options.folder_count < SANDBOX_MAX_FOLDERS)
      options.folders[options.folder_count++] = folder;
  static sandbox_report report;
  sandbox_enter(&options, &report);
  output_confined(report.text, report.length);
}

int main(int count, char **arguments) {
  const bool checks = count > 1 && strcmp(arguments[1], "--check") == 0;
  confine(count, arguments);
  if (checks) return probe_serve(LANE_WORKER_SOCKET, sandbox_seal);
  crash_install();
  ring = lane_ring_open(LANE_WORKER_SOCKET, LANE_WORKER_RING);
  frames = ring ? input_open(ring) : NULL;
  if (!frames) return 1;
  output_open(ring);
  int failure = 0;
  plugin_lane = load(&failure);
  return plugin_lane ? run() : failure;
}
