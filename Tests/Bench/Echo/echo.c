/* The plugin of the benchmarks, straight on the ABI: `echo` answers inside begin, `steps` journals three steps,
 * `wait` sleeps for an hour. */
#include <bureau/bureau.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 3u

typedef struct echo {
  bureau_plugin plugin;
  const bureau_host *host;
  const bureau_host_step *steps;
  const bureau_host_timer *timer;
} echo;

static bureau_str text(const char *value) { return (bureau_str){value, strlen(value)}; }
static bureau_buf bytes(const char *value) { return (bureau_buf){(const uint8_t *)value, strlen(value)}; }

static const char result_2kb[2048] = {[0] = '"', [1 ... 2046] = 'x', [2047] = '"'};

static bureau_status setup(bureau_plugin *plugin, bureau_buf config) {
  (void)config;
  echo *self = plugin->impl;
  self->steps = self->host->get_extension(self->host, text(BUREAU_HOST_STEP));
  self->timer = self->host->get_extension(self->host, text(BUREAU_HOST_TIMER));
  return self->steps && self->timer ? BUREAU_OK : BUREAU_E_UNSUPPORTED;
}

/* The token of each operation is the number of the step. */
static bureau_status begin_step(echo *self, bureau_call call, uint64_t number) {
  static const char *const names[STEPS] = {"gather", "weigh", "decide"};
  bureau_step step = {sizeof step, 0, number, text(names[number])};
  bureau_op operation;
  return self->steps->begin(self->host, call, &step, bytes(""), &operation);
}

static bureau_status begin(bureau_plugin *plugin, const bureau_task *task) {
  echo *self = plugin->impl;
  if (task->type.ptr[0] == 's') return begin_step(self, task->call, 0);
  if (task->type.ptr[0] == 'w') {
    bureau_step step = {sizeof step, 0, STEPS - 1, text("hour")};
    bureau_op operation;
    return self->timer->sleep(self->host, task->call, &step, 3600 * 1000, &operation);
  }
  void *copy = self->host->arena_alloc(self->host, task->call, task->input_json.len, 1);
  if (!copy) return BUREAU_E_BUSY;
  memcpy(copy, task->input_json.ptr, task->input_json.len);
  return self->host->complete(self->host, task->call, BUREAU_OK, (bureau_buf){copy, task->input_json.len}, text(""));
}

static void on_event(bureau_plugin *plugin, const bureau_event *event) {
  echo *self = plugin->impl;
  bureau_op operation;
  if (event->kind == BUREAU_EVENT_COMPUTE) {
    bureau_buf result = {(const uint8_t *)result_2kb, sizeof result_2kb};
    self->steps->record(self->host, event->call, event->value, event->token, BUREAU_OK, result, text(""), &operation);
  } else if (event->kind != BUREAU_EVENT_DONE) {
    self->host->complete(self->host, event->call, event->status, bytes(""), event->message);
  } else if (event->token + 1 < STEPS) {
    begin_step(self, event->call, event->token + 1);
  } else {
    self->host->complete(self->host, event->call, BUREAU_OK, bytes("3"), text(""));
  }
}

static void cancel(bureau_plugin *plugin, bureau_call call, bureau_status reason) {
  echo *self = plugin->impl;
  self->host->complete(self->host, call, reason, bytes(""), text("gave up"));
}

static void on_wake(bureau_plugin *plugin, uint64_t token) { (void)plugin, (void)token; }
static void destroy(bureau_plugin *plugin) { free(plugin->impl); }
static const void *get_extension(bureau_plugin *plugin, bureau_str id) { return (void)plugin, (void)id, NULL; }

static bureau_status create(const bureau_host *host, bureau_plugin **out) {
  echo *self = calloc(1, sizeof *self);
  if (!self) return BUREAU_E_INTERNAL;
  self->host = host;
  self->plugin = (bureau_plugin){sizeof self->plugin, 0, self, setup, begin, cancel, on_event, on_wake, destroy,
                                 get_extension};
  *out = &self->plugin;
  return BUREAU_OK;
}

#define TASK(name)                                                                                       \
  "{\"name\":\"" name "\",\"summary\":\"For the benchmarks.\",\"input_schema\":{},\"output_schema\":{},"            \
  "\"timeout_seconds\":600,\"requires_approval\":false}"

static const char manifest[] =
    "{\"manifest_version\":1,\"id\":\"org.bureau.bench\",\"department\":\"bench\",\"version\":\"1.0.0\","
    "\"title\":\"Bench\",\"summary\":\"Answers at once.\",\"tasks\":["
    TASK("echo") "," TASK("steps") "," TASK("wait") "],"
    "\"wants\":{\"models\":[],\"tools\":[],\"hosts\":[],\"departments\":[]},\"state_schema_version\":1}";

const bureau_entry *bureau_plugin_entry_v1(const bureau_host_info *host) {
  (void)host;
  static bureau_entry entry;
  entry = (bureau_entry){sizeof entry, BUREAU_ABI_MAJOR, BUREAU_ABI_MINOR, 0, 0, 0, text("org.bureau.bench"),
                         text("1.0.0"), text("c11"), bytes(manifest), create};
  return &entry;
}
