/* crashy.c: one task for each way to die, to hang, or to lie about it; and some that do neither. */
#ifndef DEPARTMENT
#define DEPARTMENT "crashy"
#endif
#define TASK(name) "{\"name\":\"" name "\",\"summary\":\"For tests.\",\"input_schema\":{},\"output_schema\":{}}"
#define MANIFEST                                                                                                 \
  "{\"manifest_version\":1,\"department\":\"" DEPARTMENT "\",\"title\":\"Crashy\",\"summary\":\"For tests.\","  \
  "\"tasks\":[" TASK("ok") "," TASK("hold") "," TASK("release") "," TASK("late") "," TASK("segv") ","           \
  TASK("abort") "," TASK("ill") "," TASK("trap") "," TASK("overflow") "," TASK("exit") "," TASK("kill") ","     \
  TASK("thread") "," TASK("spin") "," TASK("block") "," TASK("forge") "]}"
#include "skeleton.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NOT_INLINED __attribute__((noinline))

/* The functions that reports must name. */
NOT_INLINED static int rank_pages(volatile int *place) { return *place + 1; }
NOT_INLINED static void check_sums(void) {
  abort();
}
NOT_INLINED static void illegal_step(void) { __asm__ volatile("ud2"); }
NOT_INLINED static void trap_step(void) { __asm__ volatile("int3"); }
NOT_INLINED static int deep_search(int depth) {
  volatile char pad[512];
  pad[0] = (char)depth;
  return deep_search(depth + 1) + pad[0];
}

static struct {
  agent *agent;
  bureau_call call;
} held[64];
static int held_count;

typedef struct late_call {
  agent *agent;
  bureau_call call;
} late_call;

static void *complete_late(void *argument) {
  late_call *late = argument;
  nanosleep(&(struct timespec){3, 0}, NULL);
  finish(late->agent, late->call, "{}");
  free(late);
  return NULL;
}

static void *die_on_thread(void *argument) {
  rank_pages(argument);
  return NULL;
}

static bureau_status start_thread(void *(*body)(void *), void *argument) {
  pthread_t thread;
  return pthread_create(&thread, NULL, body, argument) == 0 ? BUREAU_OK : BUREAU_E_BUSY;
}

/* Writes what it likes where the crash report goes, then dies without the handler's help. */
static void forge(const bureau_task *task) {
  uint64_t state = 88172645463325252ull;
  for (uint64_t i = 0; i < task->input_json.len; i++) state = state * 31 + task->input_json.ptr[i];
  uint32_t *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, 5, 0);
  if (page == MAP_FAILED) abort();
  for (int i = 0; i < 2048; i++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    page[i] = (uint32_t)state;
  }
  page[0] = 2;
  page[1] = SIGSEGV;
  signal(SIGSEGV, SIG_DFL);
  raise(SIGSEGV);
}

static void spin(int milliseconds) {
  struct timespec start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
  do clock_gettime(CLOCK_MONOTONIC, &now);
  while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < milliseconds);
}

static bureau_status on_begin(agent *agent, const bureau_task *task) {
  if (task_is(task, "hold")) {
    held[held_count].agent = agent;
    held[held_count++ % 64].call = task->call;
    return BUREAU_OK;
  }
  if (task_is(task, "release"))
    while (held_count > 0) {
      held_count--;
      finish(held[held_count].agent, held[held_count].call, "{}");
    }
  if (task_is(task, "late")) {
    late_call *late = malloc(sizeof *late);
    *late = (late_call){agent, task->call};
    return start_thread(complete_late, late);
  }
  if (task_is(task, "segv")) rank_pages((int *)16);
  if (task_is(task, "abort")) check_sums();
  if (task_is(task, "ill")) illegal_step();
  if (task_is(task, "trap")) trap_step();
  if (task_is(task, "overflow")) deep_search(0);
  if (task_is(task, "exit")) exit(0);
  if (task_is(task, "kill")) raise(SIGKILL);
  if (task_is(task, "thread")) return start_thread(die_on_thread, (void *)16);
  if (task_is(task, "spin")) spin(1500);
  if (task_is(task, "block")) sleep(600);
  if (task_is(task, "forge")) forge(task);
  return finish(agent, task->call, "{}");
}
