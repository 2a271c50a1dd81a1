/* escapes.c: ways out of the cage. The output names each way that was open, and must name none. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

static bureau_status finish_open(agent *agent, bureau_call call, const char *open) {
  char text[512];
  snprintf(text, sizeof text, "\"%s\"", open);
  return finish(agent, call, text);
}
static void note(char *open, bool succeeded, const char *name) {
  if (succeeded) strcat(strcat(open, name), " ");
}
static bool reads(const char *path) {
  char byte;
  int file = open(path, O_RDONLY);
  return file >= 0 && read(file, &byte, 1) >= 0;
}
static bool writes(const char *path) { return open(path, O_WRONLY | O_CREAT, 0600) >= 0; }
static bool makes(int family, int type, int protocol) { return socket(family, type, protocol) >= 0; }

static void try_sockets(char *open) {
  static const struct sockaddr_un bus = {AF_UNIX, "/run/dbus/system_bus_socket"};
  int ends[2], local = socket(AF_UNIX, SOCK_STREAM, 0);
  note(open, makes(AF_INET, SOCK_STREAM, 0), "tcp");
  note(open, makes(AF_INET, SOCK_DGRAM, 0), "udp");
  note(open, makes(AF_INET, SOCK_STREAM, 262), "mptcp");
  note(open, makes(AF_INET6, SOCK_STREAM, 0), "tcp6");
  note(open, makes(AF_INET, SOCK_RAW, 1), "raw");
  note(open, makes(AF_NETLINK, SOCK_RAW, 0), "netlink");
  note(open, makes(AF_VSOCK, SOCK_STREAM, 0), "vsock");
  note(open, local >= 0 && connect(local, (const void *)&bus, sizeof bus) == 0, "unix");
  note(open, socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "pair");
}
static bureau_status open_sockets(agent *agent, const bureau_task *task) {
  char open[256] = "";
  try_sockets(open);
  return finish_open(agent, task->call, open);
}

/* Before there is a host table, a task, or a sealed filter. */
static char open_while_loading[256];
static bureau_status sockets_in_constructor(agent *agent, const bureau_task *task) {
  return finish_open(agent, task->call, open_while_loading);
}

static bureau_status read_files(agent *agent, const bureau_task *task) {
  char open[256] = "";
  note(open, reads("/etc/shadow"), "shadow");
  note(open, reads("/etc/passwd"), "passwd");
  note(open, reads("/proc/1/environ") || reads("/proc/1/mem"), "first-process");
  note(open, reads("/proc/self/root/etc/passwd") || reads("/proc/1/root/etc/passwd"), "root");
  note(open, reads("../../../../etc/hostname") || reads("/proc/self/cwd/etc/passwd"), "climb");
  note(open, reads("/bin/sh") || reads("/usr/bin/env"), "program");
  return finish_open(agent, task->call, open);
}
static bureau_status write_files(agent *agent, const bureau_task *task) {
  char open[256] = "";
  note(open, writes("/tmp/x") || writes("/x") || writes("x") || writes("/dev/shm/x"), "create");
  note(open, mkdir("/d", 0700) == 0 || symlink("/etc", "/l") == 0 || mkfifo("/f", 0600) == 0, "name");
  note(open, rename("/etc", "/e") == 0 || unlink("/etc/ld.so.cache") == 0, "remove");
  note(open, chmod("/usr/lib", 0777) == 0 || chmod("/", 0777) == 0, "chmod");
  return finish_open(agent, task->call, open);
}
static bureau_status execute(agent *agent, const bureau_task *task) {
  char open[64] = "", *arguments[] = {"sh", NULL};
  execve("/bin/sh", arguments, arguments + 1);
  note(open, errno != EPERM, "execve");
  syscall(SYS_execveat, AT_FDCWD, "/proc/self/exe", arguments, arguments + 1, 0);
  note(open, errno != EPERM, "execveat");
  return finish_open(agent, task->call, open);
}
static bureau_status trace_parent(agent *agent, const bureau_task *task) {
  char open[128] = "", byte = 0;
  struct iovec here = {&byte, 1}, there = {&byte, 1};
  note(open, ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0 || ptrace(PTRACE_SEIZE, 1, NULL, NULL) == 0, "seize");
  note(open, ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0, "traceme");
  note(open, process_vm_readv(1, &here, 1, &there, 1, 0) >= 0, "read");
  note(open, process_vm_writev(1, &here, 1, &there, 1, 0) >= 0, "write");
  return finish_open(agent, task->call, open);
}
static bureau_status kill_parent(agent *agent, const bureau_task *task) {
  char open[128] = "";
  note(open, kill(getppid(), SIGKILL) == 0, "parent");
  note(open, kill(1, SIGKILL) == 0, "first");
  note(open, kill(-1, SIGKILL) == 0, "all");
  note(open, syscall(SYS_tgkill, 1, 1, SIGKILL) == 0, "thread");
  note(open, syscall(SYS_pidfd_open, 1, 0) >= 0, "descriptor");
  return finish_open(agent, task->call, open);
}
static bureau_status executable_memory(agent *agent, const bureau_task *task) {
  char open[128] = "";
  const int both = PROT_READ | PROT_WRITE;
  void *data = mmap(NULL, 4096, both, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  note(open, mmap(NULL, 4096, both | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED, "mmap");
  note(open, mprotect(data, 4096, PROT_READ | PROT_EXEC) == 0, "mprotect");
  note(open, syscall(SYS_memfd_create, "x", 0) >= 0, "memfd");
  return finish_open(agent, task->call, open);
}
static bureau_status other_rights(agent *agent, const bureau_task *task) {
  char open[128] = "";
  struct rlimit more = {4096, 4096};
  note(open, setuid(0) == 0 || setgid(0) == 0, "user");
  note(open, unshare(CLONE_NEWUSER) == 0, "namespace");
  note(open, mount("x", "/etc", "tmpfs", 0, NULL) == 0 || chroot("/etc") == 0, "mount");
  note(open, setrlimit(RLIMIT_NOFILE, &more) == 0, "limits");
  return finish_open(agent, task->call, open);
}
static bureau_status kernel_surface(agent *agent, const bureau_task *task) {
  char open[128] = "", parameters[120] = {0};
  uint32_t map[32] = {1, 4, 4, 1}, counter[32] = {1, 128};
  note(open, syscall(SYS_io_uring_setup, 4, parameters) >= 0, "io_uring");
  note(open, syscall(SYS_bpf, 0, map, sizeof map) >= 0, "bpf");
  note(open, syscall(SYS_perf_event_open, counter, 0, -1, -1, 0) >= 0, "perf");
  note(open, syscall(SYS_userfaultfd, O_CLOEXEC | 1) >= 0, "userfaultfd");
  note(open, syscall(SYS_keyctl, 0, -3, 1) >= 0, "keys");
  note(open, syscall(SYS_ioctl, 1, 0x5412, "x") >= 0, "terminal");
  return finish_open(agent, task->call, open);
}

__attribute__((constructor)) static void at_load(void) {
  hostile_act *act = ACT;
  if (act == sockets_in_constructor) try_sockets(open_while_loading);
}

RUN_ACT
