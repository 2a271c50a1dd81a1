/* What the process gives up before it loads foreign code. Each step is reported as it went: the host decides
 * whether that is enough. */
#define _GNU_SOURCE
#include <clane/process.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "worker.h"

#define OPEN_FILES 256

static void note(char *report, size_t capacity, const char *step, int result) {
  size_t used = strlen(report);
  if (result == 0) snprintf(report + used, capacity - used, "%s%s=ok", used ? " " : "", step);
  else snprintf(report + used, capacity - used, "%s%s=errno%d", used ? " " : "", step, errno);
}

static int limit(int resource, rlim_t value) {
  struct rlimit limits = {value, value};
  return setrlimit(resource, &limits);
}

void worker_sandbox(char *report, size_t capacity) {
  report[0] = 0;
  /* Ends with the thread that started it; a host that died before this line shows as end of file on the socket. */
  note(report, capacity, "parent_death_signal", prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
  note(report, capacity, "not_dumpable", prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
  note(report, capacity, "no_core", limit(RLIMIT_CORE, 0));
  note(report, capacity, "open_files", limit(RLIMIT_NOFILE, OPEN_FILES));
  note(report, capacity, "no_new_privileges", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  note(report, capacity, "descriptors_closed",
       (int)syscall(SYS_close_range, LANE_WORKER_LAST + 1, ~0U, 0));
  umask(077);
}
