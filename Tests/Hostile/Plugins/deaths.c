/* deaths.c: ways to end the process. */
#define OWN_EVENT
#include "hostile.h"

#include <malloc.h>
#include <signal.h>
#include <sys/syscall.h>

static bureau_status segv(agent *agent, const bureau_task *task) { return *(volatile int *)16; }
static bureau_status jump_to_null(agent *agent, const bureau_task *task) {
  bureau_status (*volatile nowhere)(void) = NULL;
  return nowhere();
}
static bureau_status ill(agent *agent, const bureau_task *task) { __builtin_trap(); }
static bureau_status fpe(agent *agent, const bureau_task *task) {
  /* Division by zero is a fault on some processors only. */
  return raise(SIGFPE);
}
static bureau_status bus(agent *agent, const bureau_task *task) { return raise(SIGBUS); }
static bureau_status abort_process(agent *agent, const bureau_task *task) { abort(); }
static bureau_status exit_zero(agent *agent, const bureau_task *task) { exit(0); }
static bureau_status exit_three(agent *agent, const bureau_task *task) { exit(3); }
static bureau_status exit_at_once(agent *agent, const bureau_task *task) { _exit(4); }
static bureau_status kill_self(agent *agent, const bureau_task *task) {
  kill(getpid(), SIGKILL);
  return BUREAU_OK;
}
static bureau_status term_self(agent *agent, const bureau_task *task) {
  raise(SIGTERM);
  return BUREAU_OK;
}

static __attribute__((noinline)) long recurse(long depth) {
  volatile char pad[1024];
  pad[0] = (char)depth;
  return recurse(depth + 1) + pad[0];
}
static bureau_status stack_overflow(agent *agent, const bureau_task *task) { return (bureau_status)recurse(0); }

static void *fault(void *unused) { return (void *)(long)*(volatile int *)16; }
static bureau_status die_on_thread(agent *agent, const bureau_task *task) {
  return on_thread(fault, agent, task->call);
}

static void *overflow(void *unused) { return (void *)recurse(0); }
static bureau_status overflow_on_thread(agent *agent, const bureau_task *task) {
  return on_thread(overflow, agent, task->call);
}

static bureau_status free_twice(agent *agent, const bureau_task *task) {
  void *memory = malloc(2048), *volatile again = memory;
  free(memory);
  free(again);
  return BUREAU_OK;
}

/* The crash handler is gone, so there is no report; the exit status stays the truth. */
static bureau_status replace_handlers(agent *agent, const bureau_task *task) {
  for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
  return *(volatile int *)16;
}

/* A handler of its own that never returns keeps the process, and the lane is where the fault was. */
static void linger(int number) {
  for (;;) pause();
}
static bureau_status linger_in_handler(agent *agent, const bureau_task *task) {
  signal(SIGSEGV, linger);
  return *(volatile int *)16;
}

/* The host's table lies in the worker's memory: a plugin can only cheat itself. */
static bureau_status overwrite_host_table(agent *agent, const bureau_task *task) {
  memset((void *)agent->host, 0x41, sizeof *agent->host);
  return finish(agent, task->call, "{}");
}

static bureau_status foreign_system_call(agent *agent, const bureau_task *task) {
#if defined(__x86_64__)
  syscall(0x40000000 + SYS_getpid);
  return BUREAU_OK;
#else
  return raise(SIGSYS);
#endif
}

static void on_event(agent *agent, const bureau_event *event) { raise(SIGSEGV); }
static bureau_status die_in_event(agent *agent, const bureau_task *task) {
  const bureau_host_clock *clock = extension(agent, BUREAU_HOST_CLOCK);
  bureau_step step = {sizeof step, 0, 0, TEXT("now")};
  bureau_op op;
  return clock->now(agent->host, task->call, &step, &op);
}

RUN_ACT
