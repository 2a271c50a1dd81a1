/* sound.h: a plugin that keeps every rule of bureau/ headers, and uses what there is: steps, model, state, arena, log,
 * progress, a state table and a reload table. It is a small state machine, without threads.
 *
 * Each file of Breaking/ defines one of the AT_… macros to break one rule, and includes this. The macros are statements
 * at the place that they name; `self` is the instance, `c` the call. */
#define _GNU_SOURCE
#include <bureau/bureau.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef AT_LOAD
#define AT_LOAD
#endif
#ifndef AT_ENTRY
#define AT_ENTRY
#endif
#ifndef AT_CREATE
#define AT_CREATE
#endif
#ifndef AT_SETUP
#define AT_SETUP
#endif
#ifndef AT_BEGIN /* before the call is taken */
#define AT_BEGIN
#endif
#ifndef AT_CALL /* when it has been */
#define AT_CALL
#endif
#ifndef AT_EVENT
#define AT_EVENT
#endif
#ifndef AT_DONE /* instead of the result */
#define AT_DONE finish(self, c, "{\"text\":\"sound\"}")
#endif
#ifndef AT_END /* after the call has ended and been forgotten; `handle` was its handle */
#define AT_END
#endif
#ifndef AT_CANCEL
#define AT_CANCEL end(self, c, reason, "cancelled", "")
#endif
#ifndef AT_FAILURE
#define AT_FAILURE end(self, c, event->status, "an operation failed", "")
#endif
#ifndef AT_DESTROY
#define AT_DESTROY
#endif
#ifndef AT_SAVE
#define AT_SAVE
#endif
#ifndef AT_RESTORE
#define AT_RESTORE
#endif
#ifndef AT_QUIESCE
#define AT_QUIESCE
#endif
#ifndef AT_RESUME
#define AT_RESUME
#endif
#ifndef AT_EXTENSION
#define AT_EXTENSION
#endif
#ifndef AT_FREE
#define AT_FREE free(self)
#endif
#ifndef PROMPT
#define PROMPT "[{\"role\":\"user\",\"content\":\"Say something.\"}]"
#endif
#ifndef ON_RECORDED /* EVENT_DONE of a step that was not computed */
#define ON_RECORDED ask_model(self, c)
#endif

#ifndef TOOL
#define TOOL "calc"
#endif
#ifndef URL
#define URL "https://example.org/a"
#endif
#ifndef DEPARTMENT
#define DEPARTMENT "finance"
#endif

#ifndef ID
#define ID "org.example.sound"
#endif
#ifndef VERSION
#define VERSION "1.0.0"
#endif
#ifndef TOOLCHAIN
#define TOOLCHAIN "c11"
#endif
#ifndef INPUT_SCHEMA
#define INPUT_SCHEMA                                                                                         \
  "{\"type\":\"object\",\"required\":[\"text\"],\"properties\":{\"text\":{\"type\":\"string\"},"                \
  "\"count\":{\"type\":\"integer\",\"minimum\":0}},\"examples\":[{\"text\":\"hello\",\"count\":1}]}"
#endif
#ifndef OUTPUT_SCHEMA
#define OUTPUT_SCHEMA                                                                                    \
  "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"text\"],"                           \
  "\"properties\":{\"text\":{\"type\":\"string\"}}}"
#endif
#ifndef WANTS
#define WANTS                                                                                                  \
  "{\"models\":[\"check/*\"],\"tools\":[\"calc\"],\"hosts\":[\"example.org\"],\"departments\":[\"finance\"]}"
#endif
#ifndef MANIFEST_ID
#define MANIFEST_ID ID
#endif
#ifndef MANIFEST
#define MANIFEST                                                                                           \
  "{\"manifest_version\":1,\"id\":\"" MANIFEST_ID "\",\"version\":\"" VERSION "\",\"department\":\"sound\","          \
  "\"title\":\"Sound\",\"summary\":\"Keeps all rules.\",\"state_schema_version\":3,\"wants\":" WANTS ","      \
  "\"tasks\":[{\"name\":\"run\",\"summary\":\"Runs.\",\"input_schema\":" INPUT_SCHEMA                        \
  ",\"output_schema\":" OUTPUT_SCHEMA "}]}"
#endif
#ifndef STATE_VERSION
#define STATE_VERSION 3
#endif
#ifndef ABI_MAJOR
#define ABI_MAJOR BUREAU_ABI_MAJOR
#endif
#ifndef MIN_HOST_MINOR
#define MIN_HOST_MINOR 0
#endif
#ifndef RESERVED
#define RESERVED 0
#endif
#ifndef ENTRY_SIZE
#define ENTRY_SIZE sizeof(bureau_entry)
#endif
#ifndef CREATE
#define CREATE sound_create
#endif
#ifndef MAX_CALLS
#define MAX_CALLS 64
#endif

#define TEXT(literal) ((bureau_str){literal, sizeof(literal) - 1})
#define BYTES(literal) ((bureau_buf){(const uint8_t *)(literal), sizeof(literal) - 1})
#define STATE_BYTES 5000

typedef struct sound_call {
  bureau_call handle; /* 0: free */
  char *note;         /* from the arena; may be null */
} sound_call;

typedef struct sound {
  bureau_plugin plugin;
  const bureau_host *host;
  bureau_plugin_state state;
  bureau_plugin_reload reload;
  sound_call calls[MAX_CALLS];
  uint8_t memory[STATE_BYTES]; /* what is handed over */
  int is_quiet;
  void *spare, *kept; /* for the rules' breakers */
  uint64_t kept_length;
} sound;

static void answer(sound *self, bureau_call call, bureau_status status, const char *message, const char *result) {
  self->host->complete(self->host, call, status, (bureau_buf){(const uint8_t *)result, strlen(result)},
                       (bureau_str){message, strlen(message)});
}

static void end(sound *self, sound_call *c, bureau_status status, const char *message, const char *result) {
  bureau_call handle = c->handle;
  c->handle = 0;
  self->memory[1]++;
  answer(self, handle, status, message, result);
  AT_END;
  (void)handle;
}

static inline void finish(sound *self, sound_call *c, const char *result) { end(self, c, BUREAU_OK, "", result); }

static inline const void *service(sound *self, const char *id) {
  return self->host->get_extension(self->host, (bureau_str){id, strlen(id)});
}

#define STEP(token_, name_) ((bureau_step){sizeof(bureau_step), 0, token_, TEXT(name_)})
enum { COMPOSE = 1, RECORD, MODEL, STORE, ASIDE };

/* Ends the call when an operation could not be started. */
static inline void started(sound *self, sound_call *c, bureau_status status) {
  if (status != BUREAU_OK) end(self, c, status, "an operation could not be started", "");
}

/* Asks whose answers nobody waits for. */
static inline void ask_aside(sound *self, sound_call *c) {
  const bureau_host_tool *tools = service(self, BUREAU_HOST_TOOL);
  const bureau_host_http *http = service(self, BUREAU_HOST_HTTP);
  const bureau_host_child *children = service(self, BUREAU_HOST_CHILD);
  bureau_http_request fetch = {.struct_size = sizeof fetch, .method = TEXT("GET"), .url = TEXT(URL)};
  bureau_step step = STEP(ASIDE, "aside");
  bureau_op op;
  if (tools) tools->call(self->host, c->handle, &step, TEXT(TOOL), BYTES("{}"), 0, &op);
  if (http) http->fetch(self->host, c->handle, &step, &fetch, &op);
  if (children)
    children->run(self->host, c->handle, &step, TEXT(DEPARTMENT), TEXT("npv"), BYTES("{}"), &op);
}

static inline void ask_model(sound *self, sound_call *c) {
#ifndef ASKS_NOTHING_ASIDE
  ask_aside(self, c);
#endif
  const bureau_host_model *model = service(self, BUREAU_HOST_MODEL);
  bureau_step step = STEP(MODEL, "ask");
  bureau_model_request request = {
      .struct_size = sizeof request, .model = TEXT("check/model"), .messages_json = BYTES(PROMPT)};
  bureau_op op;
#ifdef OWN_MESSAGES
  OWN_MESSAGES;
#endif
  started(self, c, model ? model->start(self->host, c->handle, &step, &request, &op) : BUREAU_E_UNSUPPORTED);
}

static inline void store(sound *self, sound_call *c) {
  const bureau_host_state *state = service(self, BUREAU_HOST_STATE);
  bureau_step step = STEP(STORE, "store");
  bureau_op op;
  started(self, c, state ? state->put(self->host, c->handle, &step, TEXT("last"), BYTES("1"),
                                      BUREAU_STATE_ANY_REVISION, &op)
                         : BUREAU_E_UNSUPPORTED);
}

static inline void record(sound *self, sound_call *c, uint64_t ticket) {
  const bureau_host_step *steps = service(self, BUREAU_HOST_STEP);
  bureau_op op;
  started(self, c, steps ? steps->record(self->host, c->handle, ticket, RECORD, BUREAU_OK, BYTES("\"composed\""),
                                         (bureau_str){NULL, 0}, &op)
                         : BUREAU_E_UNSUPPORTED);
}

static inline void compose(sound *self, sound_call *c) {
  const bureau_host_step *steps = service(self, BUREAU_HOST_STEP);
  bureau_step step = STEP(COMPOSE, "compose");
  bureau_op op;
  started(self, c, steps ? steps->begin(self->host, c->handle, &step, BYTES("1"), &op) : BUREAU_E_UNSUPPORTED);
}

static sound_call *call_of(sound *self, bureau_call handle) {
  for (int i = 0; i < MAX_CALLS; i++)
    if (self->calls[i].handle == handle) return &self->calls[i];
  return NULL;
}

static bureau_status sound_setup(bureau_plugin *plugin, bureau_buf configuration) {
  sound *self = plugin->impl;
  (void)self, (void)configuration;
  AT_SETUP;
  return BUREAU_OK;
}

static bureau_status sound_begin(bureau_plugin *plugin, const bureau_task *task) {
  sound *self = plugin->impl;
  AT_BEGIN;
#ifndef ACCEPTS_ALL
  if (task->type.len != 3 || memcmp(task->type.ptr, "run", 3) != 0) return BUREAU_E_NOT_FOUND;
#endif
  sound_call *c = self->is_quiet ? NULL : call_of(self, 0);
  if (!c) return BUREAU_E_BUSY;
  c->handle = task->call;
  c->note = self->host->arena_alloc(self->host, task->call, 13, 4);
  if (c->note) memcpy(c->note, "a short note", 13);
  const bureau_host_log *log = service(self, BUREAU_HOST_LOG);
  if (log) log->write(self->host, task->call, BUREAU_LOG_INFO, TEXT("began"));
  AT_CALL;
  if (c->handle == task->call) compose(self, c);
  return BUREAU_OK;
}

static void sound_cancel(bureau_plugin *plugin, bureau_call call, bureau_status reason) {
  sound *self = plugin->impl;
  sound_call *c = call_of(self, call);
  if (c && call) AT_CANCEL;
  (void)reason;
}

static void sound_event(bureau_plugin *plugin, const bureau_event *event) {
  sound *self = plugin->impl;
  sound_call *c = call_of(self, event->call);
  AT_EVENT;
  if (!c || event->kind == BUREAU_EVENT_CHUNK) return;
  if (event->kind == BUREAU_EVENT_FAILED || event->kind == BUREAU_EVENT_CANCELLED) {
    AT_FAILURE;
    return;
  }
  if (event->kind == BUREAU_EVENT_COMPUTE) {
    self->host->emit(self->host, c->handle, BUREAU_EMIT_PROGRESS,
                     BYTES("{\"fraction_milli\":500,\"text\":\"composing\"}"));
    record(self, c, event->value);
  } else if (event->token == COMPOSE) {
    ON_RECORDED;
  } else if (event->token == RECORD) {
    ask_model(self, c);
  } else if (event->token == MODEL) {
    store(self, c);
  } else if (event->token == STORE) {
    AT_DONE;
  }
}

static void sound_wake(bureau_plugin *plugin, uint64_t token) { (void)plugin, (void)token; }

static void sound_destroy(bureau_plugin *plugin) {
  sound *self = plugin->impl;
  AT_DESTROY;
  AT_FREE;
}

static bureau_status sound_save(bureau_plugin *plugin, const bureau_writer *writer) {
  sound *self = plugin->impl;
  AT_SAVE;
  for (uint64_t done = 0; done < STATE_BYTES;) {
    int64_t count = writer->write(writer, self->memory + done, STATE_BYTES - done);
    if (count < 0) return (bureau_status)count;
    done += (uint64_t)count;
  }
  return BUREAU_OK;
}

static bureau_status sound_load(bureau_plugin *plugin, uint32_t version, const bureau_reader *reader) {
  sound *self = plugin->impl;
  AT_RESTORE;
  if (version != STATE_VERSION) return BUREAU_E_STATE_VERSION;
  uint8_t bytes[STATE_BYTES + 1];
  uint64_t done = 0;
  while (done < sizeof bytes) {
    int64_t count = reader->read(reader, bytes + done, sizeof bytes - done);
    if (count < 0) return (bureau_status)count;
    if (count == 0) break;
    done += (uint64_t)count;
  }
  if (done != STATE_BYTES) return BUREAU_E_INVALID;
  memcpy(self->memory, bytes, STATE_BYTES);
  return BUREAU_OK;
}

static bureau_status sound_quiesce(bureau_plugin *plugin, uint64_t timeout_ms) {
  sound *self = plugin->impl;
  (void)timeout_ms;
  AT_QUIESCE;
  self->is_quiet = 1;
  for (int i = 0; i < MAX_CALLS; i++)
    if (self->calls[i].handle) end(self, &self->calls[i], BUREAU_E_BUSY, "handed over", "");
  return BUREAU_OK;
}

static bureau_status sound_resume(bureau_plugin *plugin) {
  sound *self = plugin->impl;
  AT_RESUME;
  self->is_quiet = 0;
  return BUREAU_OK;
}

static bureau_status sound_probe(bureau_plugin *plugin) {
  sound *self = plugin->impl;
#ifdef AT_PROBE
  AT_PROBE;
#endif
  return self->is_quiet ? BUREAU_E_BUSY : BUREAU_OK;
}

static const void *sound_extension(bureau_plugin *plugin, bureau_str id) {
  sound *self = plugin->impl;
  AT_EXTENSION;
  if (id.len == strlen(BUREAU_PLUGIN_STATE) && memcmp(id.ptr, BUREAU_PLUGIN_STATE, id.len) == 0) return &self->state;
  if (id.len == strlen(BUREAU_PLUGIN_RELOAD) && memcmp(id.ptr, BUREAU_PLUGIN_RELOAD, id.len) == 0)
    return &self->reload;
  return NULL;
}

static inline bureau_status sound_create(const bureau_host *host, bureau_plugin **out) {
  sound *self = calloc(1, sizeof *self);
  if (!self) return BUREAU_E_INTERNAL;
  self->host = host;
  self->plugin = (bureau_plugin){.struct_size = sizeof self->plugin,
                                 .impl = self,
                                 .setup = sound_setup,
                                 .begin = sound_begin,
                                 .cancel = sound_cancel,
                                 .on_event = sound_event,
                                 .on_wake = sound_wake,
                                 .destroy = sound_destroy,
                                 .get_extension = sound_extension};
  self->state = (bureau_plugin_state){sizeof self->state, STATE_VERSION, sound_save, sound_load};
  self->reload = (bureau_plugin_reload){sizeof self->reload, 0, sound_quiesce, sound_resume, sound_probe};
  for (int i = 0; i < STATE_BYTES; i++) self->memory[i] = (uint8_t)(i * 7);
  *out = &self->plugin;
  AT_CREATE;
  return BUREAU_OK;
}

__attribute__((constructor)) static void sound_loaded(void) { AT_LOAD; }

static const bureau_entry entry = {.struct_size = ENTRY_SIZE,
                                   .abi_major = ABI_MAJOR,
                                   .abi_minor = BUREAU_ABI_MINOR,
                                   .min_host_minor = MIN_HOST_MINOR,
                                   .reserved = RESERVED,
                                   .id = {ID, sizeof ID - 1},
                                   .version = {VERSION, sizeof VERSION - 1},
                                   .toolchain = {TOOLCHAIN, sizeof TOOLCHAIN - 1},
                                   .manifest_json = {(const uint8_t *)MANIFEST, sizeof MANIFEST - 1},
                                   .create = CREATE};

#ifndef OWN_ENTRY
const bureau_entry *bureau_plugin_entry_v1(const bureau_host_info *host) {
  (void)host;
  AT_ENTRY;
  return &entry;
}
#endif
