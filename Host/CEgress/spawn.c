#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cegress/egress.h"

static int start(char *const arguments[], int end, pid_t *process) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  for (int standard = 0; standard < 3; standard++)
    posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&actions, end, EGRESS_SOCKET);
  posix_spawn_file_actions_addclosefrom_np(&actions, EGRESS_SOCKET + 1);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  int error = posix_spawn(process, arguments[0], &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

int egress_spawn(char *const arguments[], int *socket, int32_t *process) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return errno;
  pid_t child = -1;
  int error = start(arguments, ends[1], &child);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return error;
  }
  *socket = ends[0];
  *process = child;
  return 0;
}

int egress_event(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int egress_is_connected(int socket) {
  struct pollfd question = {.fd = socket, .events = POLLRDHUP};
  return poll(&question, 1, 0) == 0;
}
