/* New namespaces, and the processes that a process namespace needs.
 *
 *   host ── caller ─┬─ first process of the namespace: waits, nothing else
 *                   └─ child: goes on, loads the plugin
 *
 * The first process of a namespace ignores signals that it sends itself, also abort's, so the plugin's process is the
 * second. The caller stays outside; it ends as the child ended, so that the host sees the plugin's own signal or exit
 * code. When the caller dies, the first process ends, and with it all in the namespace. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

/* Who a plugin is inside. Outside it is the user that it was. */
#define INNER_USER 1000

static const char *const separate[] = {"user_namespace", "mount_namespace", "network_namespace", "ipc_namespace",
                                       "name_namespace"};

static _Alignas(16) char first_stack[16384];

static int write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t count = write(file, text, strlen(text));
  int error = errno;
  close(file);
  errno = error;
  return count < 0 ? -1 : 0;
}

static int map_user(uid_t user, gid_t group) {
  char users[48], groups[48];
  snprintf(users, sizeof users, "%d %u 1", INNER_USER, user);
  snprintf(groups, sizeof groups, "%d %u 1", INNER_USER, group);
  if (write_file("/proc/self/setgroups", "deny") < 0) return -1;
  if (write_file("/proc/self/uid_map", users) < 0) return -1;
  return write_file("/proc/self/gid_map", groups);
}

/* Shares the caller's memory, so it is made without a copy of it; it writes none. It has its own descriptors, and
 * holds one: the end of a pipe at which the caller's death shows, however early. */
static int first_process(void *pipe_end) {
  const int end = *(const int *)pipe_end;
  if (end > 0) syscall(SYS_close_range, 0, end - 1, 0);
  syscall(SYS_close_range, end + 1, ~0U, 0);
  char never;
  while (read(end, &never, 1) > 0) continue;
  _exit(0);
}

static pid_t start_first(const int *pipe_end) {
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before); /* nothing disturbs it; SIGKILL from outside ends it */
  pid_t first = clone(first_process, first_stack + sizeof first_stack, CLONE_VM | SIGCHLD, (void *)pipe_end);
  int error = errno;
  sigprocmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return first;
}

static void reap(pid_t process, int *status) {
  while (waitpid(process, status, 0) < 0 && errno == EINTR) continue;
}

/* The caller's rest of its life. `alive` is the end of the pipe that it must keep. */
static _Noreturn void stand_for(pid_t child, pid_t first, int alive) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  dup2(alive, 0);
  syscall(SYS_close_range, 1, ~0U, 0);
  int status = 0, ignored;
  reap(child, &status);
  close(0);
  reap(first, &ignored);
  if (WIFSIGNALED(status)) {
    int number = WTERMSIG(status);
    signal(number, SIG_DFL);
    kill(getpid(), number);
  }
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* Goes on in a child inside the new process namespace. */
static int split(void) {
  static int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* the caller dies with the host's thread */
  pid_t first = start_first(&ends[0]);
  pid_t child = first < 0 ? -1 : fork();
  int error = errno;
  if (child > 0) stand_for(child, first, ends[1]);
  close(ends[0]);
  close(ends[1]);
  if (child < 0 && first > 0) reap(first, &(int){0});
  errno = error;
  return child;
}

bool namespaces_enter(sandbox_report *report) {
  uid_t user = geteuid();
  gid_t group = getegid();
  const int flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWPID;
  int entered = unshare(flags);
  int result = entered;
  if (result == 0) {
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* else the maps belong to root */
    result = map_user(user, group);
  }
  report_layer(report, separate[0], result);
  if (entered < 0) result = entered;
  else result = 0;
  for (size_t i = 1; i < sizeof separate / sizeof *separate; i++) report_layer(report, separate[i], result);
  report_layer(report, "cgroup_namespace", result < 0 ? result : unshare(CLONE_NEWCGROUP));
  report_layer(report, "process_namespace", result < 0 ? result : split());
  return entered == 0;
}
