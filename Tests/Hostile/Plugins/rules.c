/* rules.c: the rules of the boundary, broken while a task runs. */
#define OWN_EVENT
#define OWN_CANCEL
#include "hostile.h"

#include <stdatomic.h>

static bureau_status complete_twice(agent *agent, const bureau_task *task) {
  finish(agent, task->call, "\"first\"");
  finish(agent, task->call, "\"second\"");
  return BUREAU_OK;
}
static void *complete_too(void *argument) {
  errand *errand = argument;
  finish(errand->agent, errand->call, "{}");
  return NULL;
}
static bureau_status complete_by_many(agent *agent, const bureau_task *task) {
  for (int i = 0; i < 32; i++) on_thread(complete_too, agent, task->call);
  return BUREAU_OK;
}
static bureau_status complete_then_refuse(agent *agent, const bureau_task *task) {
  finish(agent, task->call, "{}");
  return BUREAU_E_INVALID;
}
static void *complete_later(void *argument) {
  sleep_milliseconds(100);
  return complete_too(argument);
}
static bureau_status refuse_then_complete(agent *agent, const bureau_task *task) {
  on_thread(complete_later, agent, task->call);
  return BUREAU_E_INVALID;
}
static bureau_status positive_refusal(agent *agent, const bureau_task *task) { return 7; }

static void *take_arena(void *argument) {
  errand *errand = argument;
  bool refused = !errand->agent->host->arena_alloc(errand->agent->host, errand->call, 64, 1);
  finish(errand->agent, errand->call, refused ? "\"refused\"" : "\"given\"");
  return NULL;
}
static bureau_status arena_off_lane(agent *agent, const bureau_task *task) {
  return on_thread(take_arena, agent, task->call);
}
static bureau_status arena_overrun(agent *agent, const bureau_task *task) {
  char *memory = agent->host->arena_alloc(agent->host, task->call, 16, 1);
  memset(memory, 'x', 64 << 20);
  return finish(agent, task->call, "{}");
}

/* Handles that were never issued, or whose call has ended: each answers STALE. */
static bureau_status stale_handles(agent *agent, const bureau_task *task) {
  const bureau_host_operation *operation = extension(agent, BUREAU_HOST_OPERATION);
  const bureau_host_clock *clock = extension(agent, BUREAU_HOST_CLOCK);
  bureau_step step = {sizeof step, 0, 0, TEXT("now")};
  bureau_op op = 0;
  int wrong = 0;
  uint64_t random = 88172645463325252u;
  for (int i = 0; i < 100000; i++) {
    random ^= random << 13, random ^= random >> 7, random ^= random << 17;
    uint64_t handle = i < 1000 ? task->call + ((uint64_t)i + 1) : random;
    if (handle == task->call) continue;
    wrong += fail(agent, handle, BUREAU_OK, "") != BUREAU_E_STALE;
    wrong += agent->host->emit(agent->host, handle, BUREAU_EMIT_PARTIAL, BYTES("x")) != BUREAU_E_STALE;
    wrong += clock->now(agent->host, handle, &step, &op) != BUREAU_E_STALE;
    wrong += operation->cancel(agent->host, handle) != BUREAU_E_STALE;
    wrong += operation->grant(agent->host, handle, 1) != BUREAU_E_STALE;
    wrong += agent->host->is_cancelled(agent->host, handle) != 1;
    wrong += agent->host->arena_alloc(agent->host, handle, 1, 1) != NULL;
  }
  return finish_number(agent, task->call, wrong);
}

/* Sizes that lie: 0, a part, and all that a number holds. */
static bureau_status lying_requests(agent *agent, const bureau_task *task) {
  const bureau_host_model *model = extension(agent, BUREAU_HOST_MODEL);
  const bureau_host_clock *clock = extension(agent, BUREAU_HOST_CLOCK);
  const bureau_host_state *state = extension(agent, BUREAU_HOST_STATE);
  static const uint32_t sizes[] = {0, 1, 7, 8};
  bureau_step step = {sizeof step, 0, 0, TEXT("step")};
  bureau_op op;
  int accepted = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    bureau_step small = {sizes[i], 0, 0, TEXT("step")};
    bureau_model_request request = {.struct_size = sizes[i], .messages_json = BYTES("[]")};
    accepted += clock->now(agent->host, task->call, &small, &op) == BUREAU_OK;
    accepted += model->start(agent->host, task->call, &step, &request, &op) == BUREAU_OK;
  }
  static char name[300];
  memset(name, 'n', sizeof name);
  accepted += state->get(agent->host, task->call, &step, (bureau_str){name, sizeof name}, &op) == BUREAU_OK;
  accepted += state->get(agent->host, task->call, &step, TEXT("\xff\xfe"), &op) == BUREAU_OK;
  accepted += state->get(agent->host, task->call, &step, (bureau_str){NULL, 5}, &op) == BUREAU_OK;
  accepted += clock->now(agent->host, task->call, NULL, &op) == BUREAU_OK;
  accepted += model->start(agent->host, task->call, &step, NULL, &op) == BUREAU_OK;
  return finish_number(agent, task->call, accepted);
}
/* Larger than this host knows: a newer plugin would say so, and is served what both know. */
static bureau_status newer_requests(agent *agent, const bureau_task *task) {
  const bureau_host_clock *clock = extension(agent, BUREAU_HOST_CLOCK);
  bureau_step step = {UINT32_MAX, 0, 0, TEXT("now")};
  bureau_op op;
  return clock->now(agent->host, task->call, &step, &op);
}
static void on_event(agent *agent, const bureau_event *event) { finish(agent, event->call, "{}"); }

static bureau_status null_arguments(agent *agent, const bureau_task *task) {
  const bureau_host *host = agent->host;
  int accepted = 0;
  accepted += host->emit(host, task->call, BUREAU_EMIT_PARTIAL, (bureau_buf){NULL, 9}) == BUREAU_OK;
  accepted += host->emit(NULL, task->call, BUREAU_EMIT_PARTIAL, BYTES("x")) == BUREAU_OK;
  accepted += host->emit(host, task->call, 99, BYTES("x")) == BUREAU_OK;
  accepted += host->get_extension(host, (bureau_str){NULL, 9}) != NULL;
  accepted += host->get_extension(host, TEXT("bureau.host.model/999")) != NULL;
  accepted += host->get_extension(host, (bureau_str){"bureau.host.model/1", 5}) != NULL;
  accepted += host->arena_alloc(host, task->call, UINT64_MAX, 1) != NULL;
  accepted += host->arena_alloc(host, task->call, 1, 3) != NULL;
  accepted += host->arena_alloc(host, task->call, 1, 0) != NULL;
  return finish_number(agent, task->call, accepted);
}

static void on_cancel(agent *agent, bureau_call call, bureau_status reason) {
  fail(agent, call, reason, "cancelled");
}

RUN_ACT
