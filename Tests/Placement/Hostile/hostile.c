/* A plugin that attacks all around it: once from a constructor, while it is loaded, and again from a task. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../BadPlugins/skeleton.h"

static bool got(long result) { return result >= 0; }
static bool connects(int family, int type, int protocol, const void *address, socklen_t size) {
  int end = socket(family, type, protocol);
  return end >= 0 && (!size || connect(end, address, size) == 0 || errno != EPERM);
}
static bool reads(const char *path) {
  char byte;
  int file = open(path, O_RDONLY);
  return file >= 0 && read(file, &byte, 1) >= 0;
}
static bool writes(const char *path) {
  int file = open(path, O_WRONLY | O_CREAT, 0600);
  return file >= 0;
}

static const struct sockaddr_in loopback = {AF_INET, 0x5000, {0x0100007f}, {0}};
static const struct sockaddr_un bus = {AF_UNIX, "/run/dbus/system_bus_socket"};

static bool tcp(void) { return connects(AF_INET, SOCK_STREAM, 0, &loopback, sizeof loopback); }
static bool mptcp(void) { return connects(AF_INET, SOCK_STREAM, 262, &loopback, sizeof loopback); }
static bool udp(void) { return connects(AF_INET, SOCK_DGRAM, 0, &loopback, sizeof loopback); }
static bool tcp6(void) { return connects(AF_INET6, SOCK_STREAM, 0, NULL, 0); }
static bool raw(void) { return connects(AF_INET, SOCK_RAW, 1, NULL, 0) || connects(AF_PACKET, SOCK_RAW, 0, NULL, 0); }
static bool netlink(void) { return connects(AF_NETLINK, SOCK_RAW, 0, NULL, 0); }
static bool vsock(void) { return connects(AF_VSOCK, SOCK_STREAM, 0, NULL, 0); }
static bool alg(void) { return connects(AF_ALG, SOCK_SEQPACKET, 0, NULL, 0); }
static bool unix_path(void) { return connects(AF_UNIX, SOCK_STREAM, 0, &bus, sizeof bus); }
static bool pair(void) {
  int ends[2];
  return got(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}
static bool passwd(void) { return reads("/etc/passwd"); }
static bool shadow(void) { return reads("/etc/shadow"); }
static bool program_file(void) { return reads("/bin/sh") || reads("/usr/bin/env"); }
static bool climb(void) { return reads("/proc/self/root/etc/passwd") || reads("/proc/1/root/etc/passwd"); }
static bool first_memory(void) { return reads("/proc/1/mem") || reads("/proc/1/environ"); }
static bool own_memory(void) { return got(open("/proc/self/mem", O_RDWR)); }
static bool kernel_settings(void) { return reads("/proc/sys/kernel/osrelease") || reads("/proc/kallsyms"); }
static bool write_tmp(void) { return writes("/tmp/x") || writes("/x") || writes("/dev/shm/x") || writes("/var/tmp/x"); }
static bool change_mode(void) { return got(chmod("/usr/lib", 0777)) || got(chmod("/", 0777)); }
static bool make_names(void) {
  return got(mkdir("/d", 0700)) || got(symlink("/etc", "/l")) || got(mknod("/n", S_IFCHR, 0)) ||
         got(rename("/etc", "/e")) || got(unlink("/etc/ld.so.cache"));
}
static bool fork_process(void) {
  long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
#ifdef SYS_fork
  if (child < 0) child = syscall(SYS_fork);
  if (child == 0) _exit(0);
#endif
  return got(child);
}
static bool execute(void) {
  char *arguments[] = {"sh", "-c", "true", NULL}, *environment[] = {NULL};
  execve("/proc/self/exe", arguments, environment);
  execve("/lib64/ld-linux-x86-64.so.2", arguments, environment);
  return errno != EPERM;
}
static bool execute_descriptor(void) {
  int file = open("/usr/lib64/ld-linux-x86-64.so.2", O_RDONLY);
  char *arguments[] = {"ld", NULL};
  syscall(SYS_execveat, file, "", arguments, NULL, AT_EMPTY_PATH);
  return errno != EPERM;
}
static bool kill_all(void) {
  return got(kill(-1, 0)) || got(kill(1, 0)) || got(kill(0, 0)) || got(kill(getppid(), 0));
}
static bool kill_thread(void) { return got(syscall(SYS_tkill, 1, 0)) || got(syscall(SYS_tgkill, 1, 1, 0)); }
static bool kill_descriptor(void) { return got(syscall(SYS_pidfd_open, 1, 0)); }
static bool trace(void) {
  return got(ptrace(PTRACE_SEIZE, 1, NULL, NULL)) || got(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}
static bool other_memory(void) {
  char byte = 0;
  struct iovec here = {&byte, 1}, there = {&byte, 1};
  return got(process_vm_writev(1, &here, 1, &there, 1, 0)) || got(process_vm_readv(1, &here, 1, &there, 1, 0));
}
static bool io_uring(void) {
  char parameters[120] = {0};
  return got(syscall(SYS_io_uring_setup, 4, parameters));
}
static bool keys(void) {
  return got(syscall(SYS_add_key, "user", "k", "v", 1, -3)) || got(syscall(SYS_keyctl, 0, -3, 1));
}
static bool bpf(void) {
  uint32_t map[32] = {1, 4, 4, 1};
  return got(syscall(SYS_bpf, 0, map, sizeof map));
}
static bool faults(void) { return got(syscall(SYS_userfaultfd, O_CLOEXEC | 1)); }
static bool counters(void) {
  uint32_t event[32] = {1, 128};
  return got(syscall(SYS_perf_event_open, event, 0, -1, -1, 0));
}
static bool new_namespace(void) { return got(unshare(CLONE_NEWUSER)) || got(unshare(CLONE_FILES)); }
static bool enter_namespace(void) { return got(setns(open("/proc/1/ns/net", O_RDONLY), 0)); }
static bool mounts(void) {
  return got(mount("x", "/etc", "tmpfs", 0, NULL)) || got(umount2("/etc", MNT_DETACH)) || got(chroot("/etc"));
}
static bool more_files(void) {
  struct rlimit more = {4096, 4096};
  return got(setrlimit(RLIMIT_NOFILE, &more));
}
static bool executable_memory(void) {
  void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  void *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return code != MAP_FAILED || got(mprotect(data, 4096, PROT_READ | PROT_EXEC));
}
static bool memory_file(void) { return got(syscall(SYS_memfd_create, "x", 0)); }
static bool shared_memory(void) { return got(syscall(SYS_shmget, 0, 4096, 01600)); }
static bool other_user(void) { return got(setuid(0)) || got(setgid(0)) || got(syscall(SYS_capset, NULL, NULL)); }
static bool old_rights(void) { return got(syscall(SYS_personality, 0x0400000)); }
static bool other_priority(void) { return got(syscall(SYS_setpriority, 0, 1, 19)); }
static bool clock_setting(void) { return got(syscall(SYS_clock_settime, 0, &(struct timespec){1, 0})); }
static bool terminal(void) { return got(syscall(SYS_ioctl, 1, 0x5412, "x")); }

#define ATTEMPT(name) {#name, name}
static const struct attempt {
  const char *name;
  bool (*succeeds)(void);
} attempts[] = {
    ATTEMPT(tcp), ATTEMPT(mptcp), ATTEMPT(udp), ATTEMPT(tcp6), ATTEMPT(raw), ATTEMPT(netlink), ATTEMPT(vsock),
    ATTEMPT(alg), ATTEMPT(unix_path), ATTEMPT(pair), ATTEMPT(passwd), ATTEMPT(shadow), ATTEMPT(program_file),
    ATTEMPT(climb), ATTEMPT(first_memory), ATTEMPT(own_memory), ATTEMPT(kernel_settings), ATTEMPT(write_tmp),
    ATTEMPT(change_mode), ATTEMPT(make_names), ATTEMPT(fork_process), ATTEMPT(execute), ATTEMPT(execute_descriptor),
    ATTEMPT(kill_all), ATTEMPT(kill_thread), ATTEMPT(kill_descriptor), ATTEMPT(trace), ATTEMPT(other_memory),
    ATTEMPT(io_uring), ATTEMPT(keys), ATTEMPT(bpf), ATTEMPT(faults), ATTEMPT(counters), ATTEMPT(new_namespace),
    ATTEMPT(enter_namespace), ATTEMPT(mounts), ATTEMPT(more_files), ATTEMPT(executable_memory), ATTEMPT(memory_file),
    ATTEMPT(shared_memory), ATTEMPT(other_user), ATTEMPT(old_rights), ATTEMPT(other_priority),
    ATTEMPT(clock_setting), ATTEMPT(terminal),
};

static char while_loading[2048], in_task[2048];

static void try_all(char *text, size_t size) {
  size_t used = 0;
  for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
    if (attempts[i].succeeds()) used += (size_t)snprintf(text + used, size - used, "%s ", attempts[i].name);
  snprintf(text + used, size - used, "of %zu", sizeof attempts / sizeof *attempts);
}

__attribute__((constructor)) static void load(void) { try_all(while_loading, sizeof while_loading); }

static void *wait_long(void *unused) {
  for (;;) pause();
  return unused;
}

static void thread_bomb(char *text, size_t size) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  int count = 0;
  pthread_t thread;
  while (count < 5000 && pthread_create(&thread, &small, wait_long, NULL) == 0) count++;
  snprintf(text, size, "%s", count >= 8 && count <= 64 + (int)sysconf(_SC_NPROCESSORS_ONLN) ? "bounded" : "unbounded");
}

static void memory_bomb(char *text, size_t size) {
  const size_t step = 1 << 20;
  size_t got_bytes = 0;
  char *block;
  while (got_bytes < (size_t)4 << 30 && (block = malloc(step))) {
    memset(block, 1, step);
    got_bytes += step;
  }
  snprintf(text, size, "%s", got_bytes < (size_t)64 << 20 && got_bytes > (size_t)8 << 20 ? "bounded" : "unbounded");
}

static void descriptor_bomb(char *text, size_t size) {
  int count = 0;
  while (count < 5000 && dup(1) >= 0) count++;
  snprintf(text, size, "%s", errno == EMFILE && count < 64 ? "bounded" : "unbounded");
}

static bureau_status on_begin(agent *agent, const bureau_task *task) {
  char *text = in_task;
  if (task_is(task, "constructor")) text = while_loading;
  if (task_is(task, "attack")) try_all(in_task, sizeof in_task);
  if (task_is(task, "threads")) thread_bomb(in_task, sizeof in_task);
  if (task_is(task, "memory")) memory_bomb(in_task, sizeof in_task);
  if (task_is(task, "descriptors")) descriptor_bomb(in_task, sizeof in_task);
  if (task_is(task, "status")) snprintf(in_task, sizeof in_task, "%d", (int)getpid());
#if defined(__x86_64__)
  if (task_is(task, "x32")) syscall(0x40000000 + SYS_getpid);
  if (task_is(task, "int80")) __asm__ volatile("int $0x80" : : "a"(20));
#endif
  if (task_is(task, "spin"))
    for (;;) __asm__ volatile("");
  if (task_is(task, "raise")) raise(SIGTERM);
  if (task_is(task, "stay-away")) kill(getpid(), SIGUSR1);
  finish(agent, task->call, text);
  return BUREAU_OK;
}
