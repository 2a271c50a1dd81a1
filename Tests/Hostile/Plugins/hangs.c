/* hangs.c: ways to keep a call for ever, and to meet its cancel. */
#define OWN_CANCEL
#define OWN_EVENT
#include "hostile.h"

#include <signal.h>

static bureau_status loop_in_begin(agent *agent, const bureau_task *task) {
  for (;;) __asm__ volatile("");
}
static bureau_status sleep_in_begin(agent *agent, const bureau_task *task) {
  for (;;) pause();
}
static bureau_status never_complete(agent *agent, const bureau_task *task) { return BUREAU_OK; }

static void *spin(void *unused) {
  for (;;) __asm__ volatile("");
}
static bureau_status loop_on_thread(agent *agent, const bureau_task *task) {
  return on_thread(spin, agent, task->call);
}

static bureau_status deadlock(agent *agent, const bureau_task *task) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  return pthread_mutex_lock(&mutex);
}

static bureau_status stop_self(agent *agent, const bureau_task *task) { return raise(SIGSTOP); }

/* The thread with the lane ends, and its process goes on. */
static bureau_status end_lane_thread(agent *agent, const bureau_task *task) {
  on_thread(spin, agent, task->call);
  pthread_exit(NULL);
}

static bureau_status ask_for_time(agent *agent, const bureau_task *task) {
  const bureau_host_clock *clock = extension(agent, BUREAU_HOST_CLOCK);
  bureau_step step = {sizeof step, 0, 0, TEXT("now")};
  bureau_op op;
  return clock->now(agent->host, task->call, &step, &op);
}
static bureau_status loop_in_event(agent *agent, const bureau_task *task) { return ask_for_time(agent, task); }
static void on_event(agent *agent, const bureau_event *event) {
  for (;;) __asm__ volatile("");
}

/* The test cancels these. */
static bureau_status ignore_cancel(agent *agent, const bureau_task *task) { return BUREAU_OK; }
static bureau_status complete_in_cancel(agent *agent, const bureau_task *task) { return BUREAU_OK; }
static bureau_status die_in_cancel(agent *agent, const bureau_task *task) { return BUREAU_OK; }
static bureau_status loop_in_cancel(agent *agent, const bureau_task *task) { return BUREAU_OK; }

static void on_cancel(agent *agent, bureau_call call, bureau_status reason) {
  hostile_act *act = ACT;
  if (act == complete_in_cancel) finish(agent, call, "{}");
  if (act == die_in_cancel) abort();
  while (act == loop_in_cancel) __asm__ volatile("");
}

RUN_ACT
