/* echo.c: a correct plugin that exercises each part of the boundary. */
#define OWN_EVENT
#define OWN_WAKE
#include "../BadPlugins/skeleton.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

static bureau_call open_call;
static bureau_op last_op;
static int events_seen;

typedef struct job {
  agent *agent;
  bureau_call call;
} job;

static bureau_status state_get(agent *agent, bureau_call call, const char *key, uint64_t token, bureau_op *op) {
  const bureau_host_state *state = extension(agent, BUREAU_HOST_STATE);
  bureau_step step = {sizeof step, 0, token, {key, strlen(key)}};
  return state->get(agent->host, call, &step, (bureau_str){key, strlen(key)}, op);
}

/* Starts an operation from a thread of its own; the event must come later, on the lane. */
static void *elsewhere(void *argument) {
  job *job = argument;
  state_get(job->agent, job->call, "from-thread", 7, &last_op);
  free(job);
  return NULL;
}

static bureau_status arena(agent *agent, const bureau_task *task) {
  char *memory = agent->host->arena_alloc(agent->host, task->call, 100000, 64);
  if (!memory || ((uintptr_t)memory & 63)) return BUREAU_E_INTERNAL;
  memset(memory, 'a', 100000);
  bool bounded = agent->host->arena_alloc(agent->host, task->call, 64u << 20, 1) == NULL;
  finish(agent, task->call, bounded ? "bounded" : "unbounded");
  /* Now stale. */
  return agent->host->arena_alloc(agent->host, task->call, 1, 1) ? BUREAU_E_INTERNAL : BUREAU_OK;
}

static bureau_status stale(agent *agent, const bureau_task *task) {
  bureau_op op = 1;
  bureau_status other = fail(agent, task->call + (1u << 16), BUREAU_OK, "");
  bureau_status start = state_get(agent, task->call + (1u << 16), "key", 0, &op);
  uint32_t cancelled = agent->host->is_cancelled(agent->host, task->call + (1u << 16));
  const bureau_host_operation *operation = extension(agent, BUREAU_HOST_OPERATION);
  bureau_status cancel = operation->cancel(agent->host, 12345);
  char text[64];
  snprintf(text, sizeof text, "%d %d %u %d %d", other, start, cancelled, cancel, (int)op);
  return finish(agent, task->call, text);
}

static bureau_status bad_requests(agent *agent, const bureau_task *task) {
  const bureau_host_state *state = extension(agent, BUREAU_HOST_STATE);
  const bureau_host_model *model = extension(agent, BUREAU_HOST_MODEL);
  bureau_step step = {sizeof step, 0, 0, TEXT("step")}, small = {8, 0, 0, TEXT("step")};
  static char name[300];
  memset(name, 'n', sizeof name);
  bureau_op op;
  bureau_model_request tiny = {.struct_size = 8};
  static uint8_t large[17 << 20];
  char text[128];
  snprintf(text, sizeof text, "%d %d %d %d %d %d",
           state->get(agent->host, task->call, &step, (bureau_str){name, 300}, &op),
           state->get(agent->host, task->call, &step, TEXT("\xff\xfe"), &op),
           state->get(agent->host, task->call, &small, TEXT("key"), &op),
           model->start(agent->host, task->call, &step, &tiny, &op),
           state->put(agent->host, task->call, &step, TEXT("key"), (bureau_buf){large, sizeof large}, 0, &op),
           agent->host->get_extension(agent->host, TEXT("bureau.host.model/1x")) != NULL);
  return finish(agent, task->call, text);
}

static bureau_status on_begin(agent *agent, const bureau_task *task) {
  if (task_is(task, "run")) {
    uint8_t *copy = agent->host->arena_alloc(agent->host, task->call, task->input_json.len, 1);
    if (task->input_json.len) memcpy(copy, task->input_json.ptr, task->input_json.len);
    return agent->host->complete(agent->host, task->call, BUREAU_OK, (bureau_buf){copy, task->input_json.len},
                                 (bureau_str){NULL, 0});
  }
  if (task_is(task, "describe")) {
    char text[512];
    snprintf(text, sizeof text, "%u|%.*s|%.*s|%llu|%s", task->attempt, (int)task->idempotency_key.len,
             task->idempotency_key.ptr, (int)task->run_id.len, task->run_id.ptr,
             (unsigned long long)task->timeout_ms, (const char *)agent->configuration.ptr);
    return finish(agent, task->call, text);
  }
  if (task_is(task, "memory-limit")) {
    struct rlimit limit = {0};
    char text[32];
    getrlimit(RLIMIT_AS, &limit);
    snprintf(text, sizeof text, "%llu", (unsigned long long)limit.rlim_cur);
    return finish(agent, task->call, text);
  }
  if (task_is(task, "effect")) return state_get(agent, task->call, "key", 42, &last_op);
  if (task_is(task, "parallel")) {
    open_call = task->call;
    events_seen = 0;
    bureau_op op;
    for (uint64_t i = 0; i < 50; i++) state_get(agent, task->call, "parallel", i, &op);
    return BUREAU_OK;
  }
  if (task_is(task, "thread")) {
    job *job = malloc(sizeof *job);
    *job = (struct job){agent, task->call};
    pthread_t thread;
    pthread_create(&thread, NULL, elsewhere, job);
    return pthread_detach(thread);
  }
  if (task_is(task, "wake")) {
    open_call = task->call;
    return agent->host->wake(agent->host, 99);
  }
  if (task_is(task, "talk")) {
    const bureau_host_log *log = extension(agent, BUREAU_HOST_LOG);
    log->write(agent->host, task->call, BUREAU_LOG_WARNING, TEXT("a line"));
    agent->host->emit(agent->host, task->call, BUREAU_EMIT_PARTIAL, BYTES("a piece"));
    printf("printed\n");
    fflush(stdout);
    return finish(agent, task->call, "talked");
  }
  if (task_is(task, "refuse")) return BUREAU_E_UNSUPPORTED;
  if (task_is(task, "arena")) return arena(agent, task);
  if (task_is(task, "stale")) return stale(agent, task);
  if (task_is(task, "bad-requests")) return bad_requests(agent, task);
  if (task_is(task, "wait")) return BUREAU_OK;
  if (task_is(task, "busy")) {
    while (!agent->host->is_cancelled(agent->host, task->call)) continue;
    return finish(agent, task->call, "saw it");
  }
  return BUREAU_E_INVALID;
}

static void on_event(agent *agent, const bureau_event *event) {
  const bureau_host_lane_check *lane = extension(agent, BUREAU_HOST_LANE_CHECK);
  if (event->call == open_call) {
    if (++events_seen == 50) finish(agent, event->call, "50 events");
    return;
  }
  char text[256];
  snprintf(text, sizeof text, "%u|%llu|%llu|%.*s|%.*s|%d|%u|%u|%llu", event->kind, (unsigned long long)event->token,
           (unsigned long long)event->value, (int)event->data.len, (const char *)event->data.ptr,
           (int)event->message.len, event->message.ptr, event->status, event->flags, lane->on_lane(agent->host),
           (unsigned long long)(event->usage ? event->usage->output_tokens : 0));
  if (event->kind != BUREAU_EVENT_CHUNK) finish(agent, event->call, text);
}

static void skeleton_wake(bureau_plugin *plugin, uint64_t token) {
  finish(plugin->impl, open_call, token == 99 ? "awake" : "wrong token");
}
