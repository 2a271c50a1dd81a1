/* misbehave.c: one task for each way to break a process or a rule while a task runs. */
#define OWN_CANCEL
#define PLUGIN_ID "org.example.misbehave"
#include "skeleton.h"

#include <signal.h>
#include <unistd.h>

static bureau_status flood(agent *agent, const bureau_task *task, bool log) {
  const bureau_host_log *lines = extension(agent, BUREAU_HOST_LOG);
  int refused = 0;
  for (int i = 0; i < 100000; i++) {
    if (log) lines->write(agent->host, task->call, BUREAU_LOG_INFO, TEXT("line"));
    else refused += agent->host->emit(agent->host, task->call, BUREAU_EMIT_PARTIAL, BYTES("x")) == BUREAU_E_BUSY;
  }
  return finish(agent, task->call, refused > 50000 ? "limited" : "done");
}

static bureau_status on_begin(agent *agent, const bureau_task *task) {
  if (task_is(task, "ok")) return finish(agent, task->call, "ok");
  if (task_is(task, "segfault")) raise(SIGSEGV);
  if (task_is(task, "abort")) abort();
  if (task_is(task, "exit")) exit(3);
  if (task_is(task, "loop")) for (volatile int i = 0;; i++) continue;
  if (task_is(task, "never") || task_is(task, "ignore-cancel")) return BUREAU_OK;
  if (task_is(task, "garbage")) {
    static const char garbage[256] = "this is not a frame of any kind";
    return write(3, garbage, sizeof garbage) > 0 ? BUREAU_OK : BUREAU_E_IO;
  }
  if (task_is(task, "close")) return close(3) == 0 ? BUREAU_OK : BUREAU_E_IO;
  if (task_is(task, "twice")) {
    finish(agent, task->call, "first");
    return finish(agent, task->call, "second") == BUREAU_E_STALE ? BUREAU_OK : BUREAU_E_INTERNAL;
  }
  if (task_is(task, "large")) {
    static uint8_t large[20 << 20];
    bureau_status status = agent->host->complete(agent->host, task->call, BUREAU_OK,
                                                 (bureau_buf){large, sizeof large}, (bureau_str){NULL, 0});
    return fail(agent, task->call, status, "too large");
  }
  if (task_is(task, "emits")) return flood(agent, task, false);
  if (task_is(task, "logs")) return flood(agent, task, true);
  return BUREAU_E_INVALID;
}

static void on_cancel(agent *agent, bureau_call call, bureau_status reason) {
  (void)agent;
  (void)call;
  (void)reason;
}
