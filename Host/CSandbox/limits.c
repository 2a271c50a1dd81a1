/* Resource limits. Hard ones: nothing inside can raise them again. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <sys/resource.h>

#include "internal.h"

#define OPEN_FILES 64
/* Threads of one worker, beside one for each processor, which runtimes like to start. */
#define THREADS 64
/* Where the kernel counts a user's processes of the whole machine together. */
#define THREADS_OF_USER 4096

static int limit(int resource, rlim_t soft, rlim_t hard) {
  struct rlimit known;
  if (getrlimit(resource, &known) < 0) return -1;
  /* The host may be limited more than this asks. */
  if (known.rlim_max < hard) hard = known.rlim_max;
  struct rlimit limits = {soft < hard ? soft : hard, hard};
  return setrlimit(resource, &limits);
}

void limits_set(sandbox_report *report) {
  int result = limit(RLIMIT_CORE, 0, 0);
  if (result == 0) result = limit(RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES);
  if (result == 0) result = limit(RLIMIT_FSIZE, 0, 0);
  if (result == 0) result = limit(RLIMIT_MEMLOCK, 0, 0);
  if (result == 0) result = limit(RLIMIT_MSGQUEUE, 0, 0);
  report_layer(report, "limits", result);
}

void threads_limit(sandbox_report *report, bool in_user_namespace) {
  cpu_set_t processors;
  CPU_ZERO(&processors);
  int count = sched_getaffinity(0, sizeof processors, &processors) == 0 ? CPU_COUNT(&processors) : 64;
  rlim_t most = in_user_namespace ? (rlim_t)(THREADS + count) : THREADS_OF_USER;
  report_layer(report, "threads_limit", limit(RLIMIT_NPROC, most, most));
}

int sandbox_limit(uint64_t memory_bytes, uint64_t cpu_seconds) {
  if (limit(RLIMIT_AS, memory_bytes, memory_bytes) < 0) return -errno;
  /* The first limit ends the process with a signal that names it, SIGXCPU; the second one cannot be handled. */
  if (cpu_seconds > 0 && limit(RLIMIT_CPU, cpu_seconds, cpu_seconds + 1) < 0) return -errno;
  return 0;
}
