#define _GNU_SOURCE
#include "clane/crash.h"
#include "clane/process.h"

#include "clane/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

/* Above the descriptors that a worker expects, so that placing one never overwrites another. */
#define FIRST_PRIVATE_DESCRIPTOR 10

#define MAXIMUM_SEALING_TRIES 50

static int moved_up(int descriptor) {
  int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, FIRST_PRIVATE_DESCRIPTOR);
  int error = errno;
  close(descriptor);
  return moved < 0 ? -error : moved;
}

static int memory_file(void) {
  const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int descriptor = memfd_create("plugin", flags | MFD_EXEC);
  if (descriptor < 0 && errno == EINVAL) descriptor = memfd_create("plugin", flags); /* before Linux 6.3 */
  return descriptor < 0 ? -errno : moved_up(descriptor);
}

static int copy_all(int from, int to, uint64_t limit) {
  char buffer[65536];
  uint64_t total = 0;
  for (;;) {
    ssize_t count = read(from, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -errno;
    if (count == 0) return 0;
    total += (uint64_t)count;
    if (total > limit) return -EFBIG;
    for (ssize_t done = 0; done < count;) {
      ssize_t written = write(to, buffer + done, (size_t)(count - done));
      if (written < 0 && errno != EINTR) return -errno;
      if (written > 0) done += written;
    }
  }
}

/* EBUSY: the kernel still holds a page of it for its own reasons, such as moving it, and gave up waiting. */
static int seal(int memory) {
  const struct timespec nap = {0, 10 * 1000 * 1000};
  for (int tries = 0;; tries++) {
    if (fcntl(memory, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0) return 0;
    if (errno != EBUSY || tries == MAXIMUM_SEALING_TRIES) return -errno;
    nanosleep(&nap, NULL);
  }
}

int lane_seal_file(const char *path, uint64_t limit) {
  /* Non-blocking: a FIFO must not hold the caller. */
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (file < 0) return -errno;
  struct stat status;
  int result = fstat(file, &status) < 0 ? -errno : S_ISREG(status.st_mode) ? 0 : -EINVAL;
  int memory = result < 0 ? result : memory_file();
  if (memory >= 0) {
    result = copy_all(file, memory, limit);
    if (result == 0) result = seal(memory);
    if (result < 0) {
      close(memory);
      memory = result;
    }
  }
  close(file);
  return memory;
}

typedef struct worker_ends {
  int socket, output, ring, crash; /* -1: none */
} worker_ends;

static int spawn(const char *worker, const char *mode, const char *libraries, const worker_ends *ends, int *pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends->output, 1);
  posix_spawn_file_actions_adddup2(&actions, ends->output, 2);
  posix_spawn_file_actions_adddup2(&actions, ends->socket, LANE_WORKER_SOCKET);
  if (ends->ring >= 0) posix_spawn_file_actions_adddup2(&actions, ends->ring, LANE_WORKER_RING);
  posix_spawn_file_actions_adddup2(&actions, ends->crash, LANE_WORKER_CRASH);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  /* A group of its own: a terminal's ^C is for the host, which then ends its workers in order. */
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  char *arguments[] = {(char *)"bureau-worker", (char *)mode, (char *)libraries, NULL};
  /* Nothing of the host's. A Swift plugin would else meet its end in a debugger process of its runtime, which a
   * raised signal survives. */
  char *environment[] = {(char *)"SWIFT_BACKTRACE=enable=no", NULL};
  int error = posix_spawn(pid, worker, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return -error;
}

/* Makes the worker's ends stand above its fixed descriptors. */
static int place_ends(worker_ends *ends) {
  int *all[] = {&ends->socket, &ends->output, &ends->ring, &ends->crash};
  int result = ends->crash < 0 ? -EMFILE : 0;
  for (int i = 0; i < 4; i++) {
    if (*all[i] >= 0) *all[i] = moved_up(*all[i]);
    if (*all[i] < -1) {
      result = *all[i];
      *all[i] = -1;
    }
  }
  return result;
}

static int start(const char *worker, const char *mode, const char *libraries, worker_ends *ends, lane_process *out) {
  if (strcmp(mode, LANE_WORKER_SERVE) == 0) {
    int result = lane_ring_create(out->socket, &out->ring, &ends->ring);
    if (result < 0) return result;
  }
  int result = place_ends(ends);
  if (result == 0) result = spawn(worker, mode, libraries, ends, &out->pid);
  if (result < 0) return result;
  /* Not reaped yet, so the number cannot be another process. */
  out->pidfd = (int)syscall(SYS_pidfd_open, out->pid, 0);
  if (out->pidfd >= 0) return 0;
  result = -errno;
  kill(out->pid, SIGKILL);
  waitpid(out->pid, NULL, 0);
  return result;
}

int lane_process_start(const char *worker, const char *mode, const char *libraries, lane_process *out) {
  int sockets[2], pipes[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0) return -errno;
  if (pipe2(pipes, O_CLOEXEC) < 0) {
    int error = errno;
    close(sockets[0]);
    close(sockets[1]);
    return -error;
  }
  /* Until the first frame is there: the kernel then says which process sent it. */
  setsockopt(sockets[0], SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int));
  fcntl(pipes[0], F_SETFL, O_NONBLOCK);
  *out = (lane_process){
      .pid = -1, .pidfd = -1, .plugin_pid = -1, .plugin_pidfd = -1, .socket = sockets[0], .output = pipes[0],
      .crash = lane_crash_page()};
  worker_ends ends = {sockets[1], pipes[1], -1, out->crash < 0 ? -1 : fcntl(out->crash, F_DUPFD_CLOEXEC, 0)};
  int result = out->crash < 0 ? out->crash : start(worker, mode, libraries, &ends, out);
  const int own[] = {ends.socket,
                     ends.output,
                     ends.ring,
                     ends.crash,
                     result < 0 ? sockets[0] : -1,
                     result < 0 ? pipes[0] : -1,
                     result < 0 ? out->crash : -1};
  for (unsigned i = 0; i < sizeof own / sizeof *own; i++)
    if (own[i] >= 0) close(own[i]);
  if (result < 0 && out->ring) lane_ring_close(out->ring);
  return result;
}

int lane_send_descriptors(int socket, const void *frame, uint64_t length, const int *descriptors, uint32_t count) {
  if (count > LANE_MAX_DESCRIPTORS) return -EINVAL;
  union {
    struct cmsghdr header; /* for its alignment */
    char bytes[CMSG_SPACE(LANE_MAX_DESCRIPTORS * sizeof(int))];
  } control = {0};
  struct iovec part = {(void *)frame, length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (count > 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(rights), descriptors, count * sizeof(int));
  }
  while (part.iov_len > 0) {
    ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return -errno;
    part.iov_base = (char *)part.iov_base + sent;
    part.iov_len -= (size_t)sent;
    message.msg_control = NULL;
    message.msg_controllen = 0;
  }
  return 0;
}

static int64_t milliseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The parent of a process, as this process numbers it; -1 when it is gone. */
static int parent_of(int pid) {
  char path[32], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  text[count > 0 ? count : 0] = 0;
  /* The name, in parentheses, may hold anything. */
  const char *behind = strrchr(text, ')');
  int parent = -1;
  return behind && sscanf(behind, ") %*c %d", &parent) == 1 ? parent : -1;
}

/* Takes hold of the process that sent the frame: the one that was started, or its child. */
static void hold_sender(lane_process *process, int sender) {
  process->plugin_pid = process->pid;
  if (sender <= 0 || sender == process->pid) return;
  int pidfd = (int)syscall(SYS_pidfd_open, sender, 0);
  if (pidfd < 0) return;
  /* Asked after the descriptor is there: the number cannot have gone to another process. */
  if (parent_of(sender) != process->pid) {
    close(pidfd);
    return;
  }
  process->plugin_pid = sender;
  process->plugin_pidfd = pidfd;
}

int lane_process_confined(lane_process *process, void *frame, uint32_t capacity, int milliseconds) {
  const int64_t end = milliseconds_now() + milliseconds;
  uint32_t used = 0;
  int sender = -1;
  lane_header header = {0};
  while (used < sizeof header || used < sizeof header + header.length) {
    int64_t left = end - milliseconds_now();
    struct pollfd source = {process->socket, POLLIN, 0};
    int ready = left > 0 ? poll(&source, 1, (int)left) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return ready < 0 ? -errno : -ETIMEDOUT;
    union {
      struct cmsghdr header; /* for its alignment */
      char bytes[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec part = {(char *)frame + used, capacity - used};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control};
    ssize_t got = recvmsg(process->socket, &message, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0 || errno == ECONNRESET ? -EPIPE : -errno;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_CREDENTIALS)
      sender = ((const struct ucred *)(const void *)CMSG_DATA(head))->pid;
    used += (uint32_t)got;
    if (used < sizeof header) continue;
    memcpy(&header, frame, sizeof header);
    if (header.kind != LANE_CONFINED || header.length > capacity - sizeof header) return -EPROTO;
  }
  if (used != sizeof header + header.length) return -EPROTO;
  setsockopt(process->socket, SOL_SOCKET, SO_PASSCRED, &(int){0}, sizeof(int));
  hold_sender(process, sender);
  return (int)used;
}

typedef struct library_search {
  const char *library;
  char *folder;
  uint32_t capacity;
} library_search;

static int match_library(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size;
  library_search *search = context;
  const char *last = strrchr(info->dlpi_name, '/');
  if (!last || last == info->dlpi_name || strcmp(last + 1, search->library) != 0) return 0;
  size_t length = (size_t)(last - info->dlpi_name);
  if (length >= search->capacity) return 0;
  memcpy(search->folder, info->dlpi_name, length);
  search->folder[length] = 0;
  return 1;
}

int lane_library_folder(const char *library, char *folder, uint32_t capacity) {
  library_search search = {library, folder, capacity};
  return dl_iterate_phdr(match_library, &search) ? 0 : -ENOENT;
}

static bool has_ended(int pidfd) {
  struct pollfd end = {pidfd, POLLIN, 0};
  return pidfd >= 0 && poll(&end, 1, 0) > 0;
}

int lane_process_has_ended(const lane_process *process) {
  return has_ended(process->pidfd) || has_ended(process->plugin_pidfd);
}

void lane_process_kill(const lane_process *process) {
  int pidfd = process->plugin_pidfd >= 0 ? process->plugin_pidfd : process->pidfd;
  syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

int lane_process_reap(int pidfd, int milliseconds, int *signal_number, int *exit_code) {
  struct pollfd wait = {pidfd, POLLIN, 0};
  if (poll(&wait, 1, milliseconds) <= 0) return 0;
  siginfo_t info = {0};
  if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0) {
    *signal_number = *exit_code = -1;
    return 1;
  }
  *signal_number = info.si_code == CLD_EXITED ? -1 : info.si_status;
  *exit_code = info.si_code == CLD_EXITED ? info.si_status : -1;
  return 1;
}

int lane_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0 ? -errno : 0; }

void lane_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
