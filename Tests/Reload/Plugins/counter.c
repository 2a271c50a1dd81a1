/* counter.c: remembers how often it was asked, and hands that on. One binary for all tests: what it is and does
 * wrong stands in `settings`, which a test writes into the file. */
#include <bureau/bureau.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT(literal) ((bureau_str){literal, sizeof(literal) - 1})

static const volatile char settings[256] __attribute__((used)) = "COUNTER-SETTINGS:";

typedef struct agent {
  bureau_plugin plugin;
  const bureau_host *host;
  int64_t count;
  int quiesced;
  bureau_op waiting; /* of the newest run */
} agent;

static char id[64], department[64], version[32], fault[32];
static int generation, schema, reads, stateful;

static void read_setting(const char *name, const char *fallback, char *value, size_t capacity) {
  char all[sizeof settings], key[32];
  for (size_t i = 0; i < sizeof settings; i++) all[i] = settings[i];
  snprintf(key, sizeof key, ":%s=", name);
  const char *found = strstr(all, key);
  const char *start = found ? found + strlen(key) : fallback;
  size_t length = strcspn(start, ":");
  snprintf(value, capacity, "%.*s", (int)(length < capacity ? length : capacity - 1), start);
}

static int read_number(const char *name, int fallback) {
  char text[16];
  read_setting(name, "", text, sizeof text);
  return text[0] ? atoi(text) : fallback;
}

static int has_fault(const char *name) { return strcmp(fault, name) == 0; }

static void misbehave(const char *where) {
  char name[48];
  snprintf(name, sizeof name, "%s-crash", where);
  if (has_fault(name)) raise(SIGSEGV);
  snprintf(name, sizeof name, "%s-hang", where);
  while (has_fault(name)) pause();
}

static bureau_status finish(agent *self, bureau_call call, bureau_status status, const char *text) {
  bureau_buf result = {(const uint8_t *)text, status == BUREAU_OK ? strlen(text) : 0};
  return self->host->complete(self->host, call, status, result, (bureau_str){text, strlen(text)});
}

static bureau_status answer(agent *self, bureau_call call) {
  char text[96];
  snprintf(text, sizeof text, "{\"count\":%lld,\"generation\":%d}", (long long)self->count, generation);
  return finish(self, call, BUREAU_OK, text);
}

static int task_is(const bureau_task *task, const char *name) {
  return task->type.len == strlen(name) && memcmp(task->type.ptr, name, task->type.len) == 0;
}

static bureau_status approve(agent *self, bureau_call call) {
  const bureau_host_approval *table = self->host->get_extension(self->host, TEXT(BUREAU_HOST_APPROVAL));
  bureau_step step = {sizeof step, 0, 1, TEXT("gate")};
  bureau_approval_request request = {
      .struct_size = sizeof request, .title = TEXT("Go on?"), .content_json = {(const uint8_t *)"{}", 2}};
  return table->request(self->host, call, &step, &request, &self->waiting);
}

static bureau_status ask(agent *self, bureau_call call) {
  const bureau_host_model *table = self->host->get_extension(self->host, TEXT(BUREAU_HOST_MODEL));
  bureau_step step = {sizeof step, 0, 2, TEXT("ask")};
  static const char messages[] = "[{\"role\":\"user\",\"content\":\"Say something.\"}]";
  bureau_model_request request = {.struct_size = sizeof request,
                                  .messages_json = {(const uint8_t *)messages, sizeof messages - 1},
                                  .max_output_tokens = 100};
  bureau_op op;
  return table->start(self->host, call, &step, &request, &op);
}

static bureau_status setup(bureau_plugin *plugin, bureau_buf configuration) {
  (void)plugin, (void)configuration;
  misbehave("setup");
  return has_fault("setup") ? BUREAU_E_INVALID : BUREAU_OK;
}

static bureau_status begin(bureau_plugin *plugin, const bureau_task *task) {
  agent *self = plugin->impl;
  if (self->quiesced) return BUREAU_E_BUSY;
  if (task_is(task, "approve")) return approve(self, task->call);
  if (task_is(task, "ask-then-approve")) return ask(self, task->call);
  if (task_is(task, "never")) return BUREAU_OK;
  self->count++;
  return answer(self, task->call);
}

static void cancel(bureau_plugin *plugin, bureau_call call, bureau_status reason) {
  agent *self = plugin->impl;
  if (has_fault("tidy")) { /* it ends with what it waits for */
    const bureau_host_operation *table = self->host->get_extension(self->host, TEXT(BUREAU_HOST_OPERATION));
    table->cancel(self->host, self->waiting);
  } else if (!has_fault("deaf")) finish(self, call, reason, "given up");
}

/* The token says which effect ended. */
static void on_event(bureau_plugin *plugin, const bureau_event *event) {
  agent *self = plugin->impl;
  if (event->kind == BUREAU_EVENT_CHUNK) return;
  if (event->kind != BUREAU_EVENT_DONE) finish(self, event->call, event->status, "the effect failed");
  else if (event->token == 2) approve(self, event->call);
  else answer(self, event->call);
}

static void on_wake(bureau_plugin *plugin, uint64_t token) { (void)plugin, (void)token; }
static void destroy(bureau_plugin *plugin) { free(plugin->impl); }

static bureau_status quiesce(bureau_plugin *plugin, uint64_t timeout) {
  (void)timeout;
  misbehave("quiesce");
  if (has_fault("quiesce")) return BUREAU_E_DENIED;
  ((agent *)plugin->impl)->quiesced = 1;
  return BUREAU_OK;
}

static bureau_status resume(bureau_plugin *plugin) {
  if (has_fault("resume")) return BUREAU_E_INTERNAL;
  ((agent *)plugin->impl)->quiesced = 0;
  return BUREAU_OK;
}

static bureau_status probe(bureau_plugin *plugin) {
  misbehave("probe");
  if (has_fault("probe")) return BUREAU_E_IO;
  return ((agent *)plugin->impl)->quiesced ? BUREAU_E_BUSY : BUREAU_OK;
}

/* Schema 1 is text, schema 2 is eight bytes. */
static bureau_status save(bureau_plugin *plugin, const bureau_writer *writer) {
  agent *self = plugin->impl;
  misbehave("save");
  if (has_fault("save")) return BUREAU_E_INTERNAL;
  static uint8_t large[1 << 20];
  for (int i = 0; has_fault("large") && i <= 16; i++) writer->write(writer, large, sizeof large);
  char text[32];
  int length = snprintf(text, sizeof text, "%lld", (long long)self->count);
  const void *bytes = schema == 1 ? (const void *)text : &self->count;
  int64_t taken = writer->write(writer, bytes, schema == 1 ? (uint64_t)length : sizeof self->count);
  return taken < 0 && !has_fault("large") ? (bureau_status)taken : BUREAU_OK;
}

static bureau_status load(bureau_plugin *plugin, uint32_t version_of_state, const bureau_reader *reader) {
  agent *self = plugin->impl;
  misbehave("load");
  if ((int)version_of_state > reads) return BUREAU_E_STATE_VERSION;
  char bytes[32] = {0};
  uint64_t used = 0;
  for (;;) { /* three bytes at a time: short reads are legal */
    int64_t count = reader->read(reader, bytes + used, used + 3 < sizeof bytes ? 3 : 0);
    if (count < 0) return (bureau_status)count;
    if (count == 0) break;
    used += (uint64_t)count;
  }
  if (version_of_state == 1) self->count = atoll(bytes);
  else memcpy(&self->count, bytes, sizeof self->count);
  return BUREAU_OK;
}

static const void *get_extension(bureau_plugin *plugin, bureau_str wanted) {
  (void)plugin;
  static bureau_plugin_reload reload_table = {sizeof reload_table, 0, quiesce, resume, probe};
  static bureau_plugin_state state_table = {sizeof state_table, 1, save, load};
  state_table.schema_version = (uint32_t)schema;
  if (wanted.len == strlen(BUREAU_PLUGIN_RELOAD) && memcmp(wanted.ptr, BUREAU_PLUGIN_RELOAD, wanted.len) == 0)
    return has_fault("no-tables") ? NULL : &reload_table;
  if (wanted.len == strlen(BUREAU_PLUGIN_STATE) && memcmp(wanted.ptr, BUREAU_PLUGIN_STATE, wanted.len) == 0)
    return stateful && !has_fault("no-tables") ? &state_table : NULL;
  return NULL;
}

static bureau_status create(const bureau_host *host, bureau_plugin **out) {
  misbehave("create");
  if (has_fault("create")) return BUREAU_E_INTERNAL;
  agent *self = calloc(1, sizeof *self);
  if (!self) return BUREAU_E_INTERNAL;
  self->host = host;
  self->plugin = (bureau_plugin){sizeof self->plugin, 0,       self,    setup,        begin, cancel,
                                 on_event,            on_wake, destroy, get_extension};
  *out = &self->plugin;
  return BUREAU_OK;
}

#define TASK(name)                                                                                     \
  "{\"name\":\"" name "\",\"summary\":\"For the tests.\",\"input_schema\":{},\"output_schema\":{},"            \
  "\"timeout_seconds\":600,\"requires_approval\":false}"

const bureau_entry *bureau_plugin_entry_v1(const bureau_host_info *host) {
  (void)host;
  static bureau_entry entry;
  static char manifest[2048];
  read_setting("id", "org.example.counter", id, sizeof id);
  read_setting("department", "counter", department, sizeof department);
  read_setting("fault", "", fault, sizeof fault);
  generation = read_number("generation", 1);
  schema = read_number("schema", 1);
  reads = read_number("reads", schema);
  stateful = read_number("stateful", 1);
  snprintf(version, sizeof version, "%d.0.0", generation);
  snprintf(manifest, sizeof manifest,
           "{\"manifest_version\":1,\"id\":\"%s\",\"department\":\"%s\",\"version\":\"%s\",\"title\":\"Counter\","
           "\"summary\":\"Counts.\",\"tasks\":[%s%s%s%s],\"wants\":{\"models\":[\"*\"],\"tools\":[],\"hosts\":[%s],"
           "\"departments\":[]},\"state_schema_version\":%d}",
           id, department, version, has_fault("no-approve") ? "" : TASK("approve") ",",
           TASK("ask-then-approve") ",",
           TASK("never") ",", TASK("count"),
           has_fault("wants") ? "\"example.org\"" : "", schema);
  entry = (bureau_entry){sizeof entry,
                         BUREAU_ABI_MAJOR,
                         BUREAU_ABI_MINOR,
                         0,
                         0,
                         0,
                         {id, strlen(id)},
                         {version, strlen(version)},
                         TEXT("c11"),
                         {(const uint8_t *)manifest, strlen(manifest)},
                         create};
  return &entry;
}
