/* hostile.h: a department around one hostile act. Each file of this folder has many acts; `-DACT=name` picks one,
 * which names the department too. The task `act` does it, and the task `ok` shows that the department still works. */
#ifndef HOSTILE_H
#define HOSTILE_H

#define _GNU_SOURCE
#define TEXT_OF(name) #name
#define NAME_OF(name) TEXT_OF(name)

/* Options of single acts, given with -D. */
#ifndef TIMEOUT
#define TIMEOUT 120
#endif
#ifndef WANTS
#define WANTS
#endif
#ifndef OUTPUT_SCHEMA
#define OUTPUT_SCHEMA
#endif

#ifndef MANIFEST
#define MANIFEST                                                                                                 \
  "{\"manifest_version\":1,\"department\":\"" NAME_OF(ACT) "\",\"title\":\"Hostile\",\"summary\":\"For tests.\"," \
  "\"wants\":{\"models\":[\"*\"]" WANTS "},\"tasks\":["                                                           \
  "{\"name\":\"ok\",\"summary\":\"For tests.\",\"input_schema\":{},\"output_schema\":{}},"                       \
  "{\"name\":\"act\",\"summary\":\"For tests.\",\"timeout_seconds\":" NAME_OF(TIMEOUT) ",\"input_schema\":{},"    \
  "\"output_schema\":{" OUTPUT_SCHEMA "}}]}"
#endif

#include "skeleton.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

/* What the task `act` does. */
typedef bureau_status hostile_act(agent *agent, const bureau_task *task);

static inline void sleep_milliseconds(long count) {
  struct timespec left = {count / 1000, count % 1000 * 1000000};
  while (nanosleep(&left, &left) != 0) continue;
}

/* A call that a thread of the plugin's own takes over. */
typedef struct errand {
  agent *agent;
  bureau_call call;
} errand;

static inline bureau_status on_thread(void *(*body)(void *), agent *agent, bureau_call call) {
  errand *errand = malloc(sizeof *errand);
  errand->agent = agent;
  errand->call = call;
  pthread_t thread;
  return pthread_create(&thread, NULL, body, errand) == 0 ? BUREAU_OK : BUREAU_E_BUSY;
}

/* The acts that only count: the output is the number of things that worked. */
static inline bureau_status finish_number(agent *agent, bureau_call call, long number) {
  char text[32];
  snprintf(text, sizeof text, "%ld", number);
  return finish(agent, call, text);
}

#define RUN_ACT                                                             \
  static bureau_status on_begin(agent *agent, const bureau_task *task) {    \
    if (task_is(task, "ok")) return finish(agent, task->call, "{}");        \
    hostile_act *act = ACT;                                                 \
    return act(agent, task);                                                \
  }

#endif
