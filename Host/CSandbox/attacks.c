/* The process attacks its own cage, so that the report says what holds and not what was asked for. Each attempt is
 * harmless where it succeeds: an argument that the kernel looks at later is wrong, or it is undone at once. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

/* The process to attack: the namespace's first one, or where there is none, the host. */
static pid_t victim(void) {
  pid_t parent = getppid();
  return parent > 0 ? parent : 1;
}

/* The kernel got as far as the arguments: nothing stands before it. */
static bool is_refusal(long result) {
  return result < 0 && (errno == EPERM || errno == EACCES || errno == ENOSYS);
}

static bool no_descriptor(int descriptor) {
  if (descriptor < 0) return true;
  close(descriptor);
  return false;
}

static bool no_memory(void *memory, size_t size) {
  if (memory == MAP_FAILED) return is_refusal(-1);
  munmap(memory, size);
  return false;
}

static bool socket_of(int family, int type, int protocol) {
  return no_descriptor(socket(family, type, protocol));
}

#define PROTOCOL_TCP 6
#define PROTOCOL_MPTCP 262

static bool socket_tcp(void) { return socket_of(AF_INET, SOCK_STREAM, PROTOCOL_TCP); }
static bool socket_mptcp(void) { return socket_of(AF_INET, SOCK_STREAM, PROTOCOL_MPTCP); }
static bool socket_udp(void) { return socket_of(AF_INET, SOCK_DGRAM, 0) && socket_of(AF_INET6, SOCK_DGRAM, 0); }
static bool socket_raw(void) { return socket_of(AF_INET, SOCK_RAW, PROTOCOL_TCP) && socket_of(AF_PACKET, SOCK_RAW, 0); }
static bool socket_unix(void) { return socket_of(AF_UNIX, SOCK_STREAM, 0); }
static bool socket_netlink(void) { return socket_of(AF_NETLINK, SOCK_RAW, 0); }
static bool socket_vsock(void) { return socket_of(AF_VSOCK, SOCK_STREAM, 0); }
static bool socket_alg(void) { return socket_of(AF_ALG, SOCK_SEQPACKET, 0); }

static bool read_file(void) {
  return no_descriptor(open("/etc/passwd", O_RDONLY | O_CLOEXEC)) &&
         no_descriptor(open("/etc/shadow", O_RDONLY | O_CLOEXEC));
}
static bool list_root(void) { return no_descriptor(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }
static bool read_victim(void) {
  char path[48];
  snprintf(path, sizeof path, "/proc/%d/environ", (int)victim());
  return no_descriptor(open(path, O_RDONLY | O_CLOEXEC));
}

static bool write_file(void) {
  static const char path[] = "/tmp/.bureau-attack";
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) unlink(path);
  return no_descriptor(file);
}
static bool change_mode(void) { return is_refusal(fchmodat(AT_FDCWD, "", 0700, 0)); }

static bool start_process(void) {
  long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  if (child < 0) return is_refusal(child);
  waitpid((pid_t)child, NULL, 0);
  return false;
}
static bool execute(void) {
  return is_refusal(syscall(SYS_execve, "", NULL, NULL)) && is_refusal(syscall(SYS_execveat, -1, "", NULL, NULL, 0));
}
static bool signal_others(void) {
  bool one = kill(victim(), 0) < 0, all = kill(-1, 0) < 0;
  return one && all && is_refusal(syscall(SYS_pidfd_send_signal, -1, 0, NULL, 0));
}
static bool trace(void) { return is_refusal(ptrace(PTRACE_PEEKDATA, victim(), NULL, NULL)); }
static bool other_memory(void) {
  return is_refusal(syscall(SYS_process_vm_writev, victim(), NULL, 1, NULL, 1, 0)) &&
         is_refusal(syscall(SYS_process_vm_readv, victim(), NULL, 1, NULL, 1, 0));
}

static bool io_uring(void) { return is_refusal(syscall(SYS_io_uring_setup, 0, NULL)); }
static bool keys(void) { return is_refusal(syscall(SYS_keyctl, -1, 0, 0, 0, 0)); }
static bool bpf(void) { return is_refusal(syscall(SYS_bpf, -1, NULL, 0)); }
static bool faults(void) { return is_refusal(syscall(SYS_userfaultfd, ~0)); }
static bool counters(void) { return is_refusal(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0)); }
static bool namespaces(void) {
  return is_refusal(unshare(0)) && is_refusal(setns(-1, 0));
}
static bool mounts(void) {
  return is_refusal(syscall(SYS_mount, NULL, "", NULL, 0, NULL)) && is_refusal(chroot("")) &&
         is_refusal(syscall(SYS_fsopen, "", 0));
}
static bool writable_code(void) {
  const size_t page = 4096;
  if (!no_memory(mmap(NULL, page, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), page)) return false;
  void *data = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) return false;
  bool refused = is_refusal(mprotect(data, page, PROT_READ | PROT_EXEC));
  munmap(data, page);
  return refused;
}
static bool memory_file(void) { return no_descriptor((int)syscall(SYS_memfd_create, "attack", 0)); }

static const struct attack {
  const char *name;
  bool (*refused)(void);
} attacks[] = {
    {"attack.socket_tcp", socket_tcp},       {"attack.socket_mptcp", socket_mptcp},
    {"attack.socket_udp", socket_udp},       {"attack.socket_raw", socket_raw},
    {"attack.socket_unix", socket_unix},     {"attack.socket_netlink", socket_netlink},
    {"attack.socket_vsock", socket_vsock},   {"attack.socket_alg", socket_alg},
    {"attack.read_file", read_file},         {"attack.list_root", list_root},
    {"attack.read_host", read_victim},       {"attack.write_file", write_file},
    {"attack.change_mode", change_mode},     {"attack.start_process", start_process},
    {"attack.execute", execute},             {"attack.signal_others", signal_others},
    {"attack.trace", trace},                 {"attack.other_memory", other_memory},
    {"attack.io_uring", io_uring},           {"attack.keys", keys},
    {"attack.bpf", bpf},                     {"attack.faults", faults},
    {"attack.counters", counters},           {"attack.namespaces", namespaces},
    {"attack.mounts", mounts},               {"attack.writable_code", writable_code},
    {"attack.memory_file", memory_file},
};

void attacks_try(sandbox_report *report) {
  for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
    report_add(report, attacks[i].name, attacks[i].refused() ? "refused" : "succeeded");
}
