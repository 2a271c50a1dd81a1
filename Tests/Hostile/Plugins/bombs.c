/* bombs.c: ways to use up what all share. Each ends by itself where its bound is, and its output says what it got. */
#define OWN_EVENT
#define OWN_WAKE
#include "hostile.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static bureau_status fork_bomb(agent *agent, const bureau_task *task) {
  long children = 0;
  for (int i = 0; i < 1000; i++) {
    long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
#ifdef SYS_fork
    if (child < 0) child = syscall(SYS_fork);
#endif
    if (child == 0) _exit(0);
    if (child > 0) children++;
  }
  return finish_number(agent, task->call, children);
}

static void *wait_for_ever(void *unused) {
  for (;;) pause();
}
static bureau_status thread_bomb(agent *agent, const bureau_task *task) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  pthread_t thread;
  int count = 0;
  while (count < 5000 && pthread_create(&thread, &small, wait_for_ever, NULL) == 0) count++;
  return finish(agent, task->call, count < 4096 ? "\"bounded\"" : "\"unbounded\"");
}

/* The department was granted 64 MiB. */
static bureau_status memory_bomb(agent *agent, const bureau_task *task) {
  size_t got = 0;
  char *block;
  while (got < (size_t)1 << 30 && (block = malloc(1 << 20))) got += 1 << 20;
  return finish(agent, task->call, got < (size_t)64 << 20 ? "\"bounded\"" : "\"unbounded\"");
}
static bureau_status memory_bomb_unchecked(agent *agent, const bureau_task *task) {
  for (;;) memset(malloc(1 << 20), 1, 1 << 20);
}
static bureau_status mapping_bomb(agent *agent, const bureau_task *task) {
  long count = 0;
  while (count < 1000 && mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) !=
                             MAP_FAILED)
    count++;
  return finish(agent, task->call, count < 64 ? "\"bounded\"" : "\"unbounded\"");
}
/* The department was granted one second of processor time. */
static bureau_status processor_bomb(agent *agent, const bureau_task *task) {
  for (;;) __asm__ volatile("");
}
static bureau_status descriptor_bomb(agent *agent, const bureau_task *task) {
  int count = 0;
  while (count < 5000 && dup(1) >= 0) count++;
  return finish(agent, task->call, errno == EMFILE && count < 64 ? "\"bounded\"" : "\"unbounded\"");
}
static bureau_status arena_bomb(agent *agent, const bureau_task *task) {
  int count = 0;
  while (count < 1000 && agent->host->arena_alloc(agent->host, task->call, 1 << 20, 1)) count++;
  return finish(agent, task->call, count < 33 ? "\"bounded\"" : "\"unbounded\"");
}

static void skeleton_wake(bureau_plugin *plugin, uint64_t token) {}
static bureau_status wake_flood(agent *agent, const bureau_task *task) {
  int count = 0;
  while (count < 1000000 && agent->host->wake(agent->host, 1) == BUREAU_OK) count++;
  return finish(agent, task->call, count < 1000000 ? "\"bounded\"" : "\"unbounded\"");
}

static bureau_status emit_flood(agent *agent, const bureau_task *task) {
  int passed = 0;
  for (int i = 0; i < 200000; i++)
    passed += agent->host->emit(agent->host, task->call, BUREAU_EMIT_PARTIAL, BYTES("x")) == BUREAU_OK;
  return finish(agent, task->call, passed < 100000 ? "\"bounded\"" : "\"unbounded\"");
}
static bureau_status log_flood(agent *agent, const bureau_task *task) {
  const bureau_host_log *log = extension(agent, BUREAU_HOST_LOG);
  for (int i = 0; i < 200000; i++) log->write(agent->host, task->call, BUREAU_LOG_ERROR, TEXT("a line"));
  return finish(agent, task->call, "{}");
}
static bureau_status print_flood(agent *agent, const bureau_task *task) {
  static char block[1 << 16];
  memset(block, 'x', sizeof block);
  for (int i = 63; i < (int)sizeof block; i += 64) block[i] = '\n';
  for (int i = 0; i < (100 << 20) / (int)sizeof block; i++)
    if (write(1 + i % 2, block, sizeof block) < 0) return BUREAU_E_IO;
  return finish(agent, task->call, "{}");
}
/* Lines that look like the host's own, and that command a terminal. */
static bureau_status print_forgery(agent *agent, const bureau_task *task) {
  static const char forged[] = "\n\033]0;owned\007\033[2J{\"address\":\"http://evil\"}\r\nbureau: all is well\n";
  const bureau_host_log *log = extension(agent, BUREAU_HOST_LOG);
  log->write(agent->host, task->call, BUREAU_LOG_ERROR, TEXT("\033[31m\nbureau: forged\r\033[2K"));
  agent->host->emit(agent->host, task->call, BUREAU_EMIT_PARTIAL, BYTES("\033[2J\nforged"));
  ssize_t written = write(1, forged, sizeof forged - 1) + write(2, forged, sizeof forged - 1);
  return written > 0 ? finish(agent, task->call, "{}") : BUREAU_E_IO;
}

/* Operations: as many as it may at once, and one after the other. */
static int started, answered, granted;
static bureau_status ask(agent *agent, bureau_call call) {
  const bureau_host_clock *clock = extension(agent, BUREAU_HOST_CLOCK);
  bureau_step step = {sizeof step, 0, 0, {NULL, 0}};
  bureau_op op;
  return clock->now(agent->host, call, &step, &op);
}
static bureau_status operation_flood(agent *agent, const bureau_task *task) {
  started = answered = 0;
  while (started < 100000 && ask(agent, task->call) == BUREAU_OK) started++;
  return BUREAU_OK;
}
static bureau_status million_operations(agent *agent, const bureau_task *task) {
  return ask(agent, task->call);
}

/* A thousand reservations of a dollar against a budget that holds none. */
static bureau_status spend(agent *agent, bureau_call call) {
  const bureau_host_budget *budget = extension(agent, BUREAU_HOST_BUDGET);
  bureau_step step = {sizeof step, 0, 0, {NULL, 0}};
  bureau_op op;
  return budget->reserve(agent->host, call, &step, 1000000000, &op);
}
static bureau_status overspend(agent *agent, const bureau_task *task) {
  started = answered = 0;
  while (started < 1000 && spend(agent, task->call) == BUREAU_OK) started++;
  return BUREAU_OK;
}

static void on_event(agent *agent, const bureau_event *event) {
  hostile_act *act = ACT;
  char text[512];
  if (act == million_operations) {
    if (event->kind == BUREAU_EVENT_DONE) {
      ask(agent, event->call);
      return;
    }
    snprintf(text, sizeof text, "%.*s", (int)event->message.len, event->message.ptr);
    fail(agent, event->call, event->status, text);
    return;
  }
  if (event->kind == BUREAU_EVENT_CHUNK) return;
  granted += event->status == BUREAU_OK;
  if (++answered < started) return;
  if (act == overspend) {
    snprintf(text, sizeof text, "%d of %d granted, and then: %.*s", granted, started, (int)event->message.len,
             event->message.ptr);
    fail(agent, event->call, event->status, text);
  } else {
    finish(agent, event->call, started <= 4096 ? "\"bounded\"" : "\"unbounded\"");
  }
}

RUN_ACT
