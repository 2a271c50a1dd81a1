/* System calls by allow-list, in two stages. The first one stands before any plugin code runs; the second one takes
 * away what only the dynamic loader needed. What is not in the tables answers EPERM; a foreign architecture or the
 * x32 numbers end the process. Check with `Tests/Sandbox`; the tables are meant to be read. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define X32_BIT 0x40000000u
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "no system call table for this processor"
#endif

/* Newer than the headers of some systems; numbers are the same on all architectures. */
#define NR_CLONE3 435
#define NR_OPENAT2 437
#define NR_FACCESSAT2 439
#define NR_EPOLL_PWAIT2 441
#define NR_FUTEX_WAITV 449
#define NR_FUTEX_WAKE 454
#define NR_FUTEX_WAIT 455
#define NR_FUTEX_REQUEUE 456
#define PRCTL_SET_VMA 0x53564d41u

/* Whatever their arguments are. */
static const uint16_t always[] = {
    /* what is open */
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_lseek, SYS_close, SYS_fstat, SYS_dup, SYS_dup3,
    SYS_recvfrom, SYS_recvmsg, SYS_sendto, SYS_sendmsg,
    /* waiting */
    SYS_ppoll, SYS_pselect6, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, NR_EPOLL_PWAIT2, SYS_eventfd2,
    SYS_pipe2, SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime,
    /* memory; mmap and mprotect have rules */
    SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk, SYS_msync, SYS_membarrier,
    /* threads */
    SYS_futex, NR_FUTEX_WAITV, NR_FUTEX_WAKE, NR_FUTEX_WAIT, NR_FUTEX_REQUEUE, SYS_set_robust_list,
    SYS_set_tid_address, SYS_rseq, SYS_sched_yield, SYS_sched_getaffinity, SYS_sched_getscheduler,
    SYS_sched_getparam, SYS_sched_get_priority_max, SYS_sched_get_priority_min, SYS_getcpu, SYS_exit,
    /* signals of its own */
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigtimedwait, SYS_rt_sigsuspend,
    SYS_rt_sigpending, SYS_sigaltstack, SYS_restart_syscall,
    /* time */
    SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_times,
    SYS_setitimer, SYS_getitimer,
    /* who and where it is */
    SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getresuid,
    SYS_getresgid, SYS_uname, SYS_sysinfo, SYS_getrusage, SYS_getrandom, SYS_exit_group, SYS_getcwd,
#if defined(__x86_64__)
    SYS_poll, SYS_select, SYS_epoll_create, SYS_epoll_wait, SYS_eventfd, SYS_pipe, SYS_dup2, SYS_time, SYS_pause,
    SYS_alarm, SYS_getrlimit,
#endif
};

/* The dynamic loader's: looking at files. */
static const uint16_t while_loading[] = {
    SYS_newfstatat, SYS_statx, SYS_faccessat, SYS_readlinkat,
#if defined(__x86_64__)
    SYS_stat, SYS_lstat, SYS_access, SYS_readlink,
#endif
};

/* Libraries try these first and know the older way. */
static const uint16_t unknown[] = {NR_CLONE3, NR_OPENAT2, NR_FACCESSAT2};

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define CODE_SIZE 1024u

typedef struct program {
  struct sock_filter code[CODE_SIZE];
  uint16_t count;
  bool is_full;
} program;

static void add(program *program, uint16_t code, uint32_t value, uint8_t if_true, uint8_t if_false) {
  if (program->count == CODE_SIZE) {
    program->is_full = true;
    return;
  }
  program->code[program->count++] = (struct sock_filter){code, if_true, if_false, value};
}

static void answer(program *program, uint32_t action) { add(program, BPF_RET | BPF_K, action, 0, 0); }

static void load(program *program, size_t offset) { add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0); }

/* Goes on with the next instruction if the loaded word is `value`, else leaves that one out. */
static void if_equal(program *program, uint32_t value) { add(program, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1); }

static void number(program *program, uint16_t call, uint32_t action) {
  if_equal(program, call);
  answer(program, action);
}

#define REFUSE(error) (SECCOMP_RET_ERRNO | ((error)&SECCOMP_RET_DATA))

/* The kernel runs a new filter once for each system call, to know which ones it never has to run it for. Parts that a
 * number skips with one comparison make that a third as long. */
#define PART 32u
#define PARTS 16u

_Static_assert(NR_FUTEX_REQUEUE < PART * PARTS, "the highest number has its part");

typedef struct number_set {
  uint32_t parts[PARTS]; /* a bit for each number */
} number_set;

static void include(number_set *set, const uint16_t *calls, size_t count) {
  for (size_t i = 0; i < count; i++) set->parts[calls[i] / PART] |= 1u << calls[i] % PART;
}

static void allow_set(program *program, const number_set *set) {
  uint16_t misses[PARTS], miss_count = 0;
  for (uint32_t part = 0; part < PARTS; part++) {
    const uint32_t bits = set->parts[part];
    uint8_t left = (uint8_t)__builtin_popcount(bits);
    if (left == 0) continue;
    add(program, BPF_JMP | BPF_JGE | BPF_K, (part + 1) * PART, left + 2, 0);
    for (uint32_t bit = 0; bit < PART; bit++)
      if (bits & 1u << bit) add(program, BPF_JMP | BPF_JEQ | BPF_K, part * PART + bit, left--, 0);
    misses[miss_count++] = program->count;
    add(program, BPF_JMP | BPF_JA, 0, 0, 0);
    answer(program, SECCOMP_RET_ALLOW);
  }
  for (uint16_t i = 0; i < miss_count; i++)
    if (!program->is_full) program->code[misses[i]].k = (uint32_t)(program->count - misses[i] - 1);
}

#define MOST_VALUES 8u

/* A rule over one argument, of which the bits in `mask` must be one of `values`. The kernel reads all arguments that
 * are checked here as 32 bits, or looks only at bits of the low half. */
typedef struct rule {
  uint16_t call;
  uint8_t argument;
  uint32_t mask;
  uint32_t values[MOST_VALUES];
  uint32_t value_count;
} rule;

#define ANY_BIT UINT32_MAX
#define THREAD_MUST (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)
#define THREAD_MAY \
  (CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED)
/* O_TMPFILE without the bit that it shares with O_DIRECTORY. */
#define WRITING (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY))

static const rule always_rules[] = {
    {SYS_clone, 0, ~(uint32_t)THREAD_MAY, {THREAD_MUST}, 1}, /* threads, no processes, no namespaces */
    {SYS_mprotect, 2, PROT_EXEC, {0}, 1},
    {SYS_openat, 2, WRITING, {0}, 1}, /* which files there are, is for the other layers to say */
#if defined(__x86_64__)
    {SYS_open, 1, WRITING, {0}, 1},
#endif
    {SYS_prlimit64, 0, ANY_BIT, {0}, 1}, /* its own limits; the hard ones stay */
    {SYS_prctl, 0, ANY_BIT, {PR_SET_NAME, PR_GET_NAME, PRCTL_SET_VMA}, 3},
    {SYS_fcntl, 1, ANY_BIT,
     {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GET_SEALS}, 7},
};

static const rule loading_rules[] = {
    {SYS_mmap, 2, PROT_WRITE | PROT_EXEC, {0, PROT_WRITE, PROT_EXEC}, 3},
    {SYS_seccomp, 1, ANY_BIT, {SECCOMP_FILTER_FLAG_TSYNC}, 1}, /* the second stage */
};

static const rule sealed_rules[] = {
    {SYS_mmap, 2, PROT_EXEC, {0}, 1},
    {SYS_newfstatat, 3, AT_EMPTY_PATH, {AT_EMPTY_PATH}, 1}, /* how some C libraries spell fstat */
};

static void add_rule(program *program, const rule *rule) {
  /* Past the rule: the load, the mask, two for each value, the refusal. */
  add(program, BPF_JMP | BPF_JEQ | BPF_K, rule->call, 0, (uint8_t)(3 + 2 * rule->value_count));
  load(program, offsetof(struct seccomp_data, args) + 8u * rule->argument); /* the low half: little-endian */
  add(program, BPF_ALU | BPF_AND | BPF_K, rule->mask, 0, 0);
  for (uint32_t i = 0; i < rule->value_count; i++) {
    if_equal(program, rule->values[i]);
    answer(program, SECCOMP_RET_ALLOW);
  }
  answer(program, REFUSE(EPERM));
}

static void add_common(program *program, const uint16_t *more, size_t more_count) {
  load(program, offsetof(struct seccomp_data, arch));
  add(program, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
  answer(program, SECCOMP_RET_KILL_PROCESS);
  load(program, offsetof(struct seccomp_data, nr));
#ifdef X32_BIT
  add(program, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
  answer(program, SECCOMP_RET_KILL_PROCESS);
#endif
  number_set allowed = {0};
  include(&allowed, always, COUNT(always));
  include(&allowed, more, more_count);
  allow_set(program, &allowed);
  for (size_t i = 0; i < COUNT(unknown); i++) number(program, unknown[i], REFUSE(ENOSYS));
  number(program, SYS_ioctl, REFUSE(ENOTTY)); /* "not a terminal" is what a library expects */
  for (size_t i = 0; i < COUNT(always_rules); i++) add_rule(program, &always_rules[i]);
  const uint32_t itself = (uint32_t)getpid();
  add_rule(program, &(rule){SYS_kill, 0, ANY_BIT, {itself}, 1});
  add_rule(program, &(rule){SYS_tgkill, 0, ANY_BIT, {itself}, 1});
}

/* 0; negative with errno set. */
static int install(program *program) {
  answer(program, REFUSE(EPERM));
  if (program->is_full) return errno = E2BIG, -1;
  struct sock_fprog whole = {program->count, program->code};
  long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &whole);
  if (result > 0) errno = EBUSY; /* a thread has a filter of its own making */
  return result == 0 ? 0 : -1;
}

/* Where the kernel has no filters, there is no second stage either: the report has said so. */
static bool has_filters;

int filter_load(void) {
  program program = {.count = 0};
  add_common(&program, while_loading, COUNT(while_loading));
  for (size_t i = 0; i < COUNT(loading_rules); i++) add_rule(&program, &loading_rules[i]);
  int result = install(&program);
  has_filters = result == 0;
  return result;
}

int filter_seal(void) {
  if (!has_filters) return 0;
  program program = {.count = 0};
  add_common(&program, NULL, 0);
  for (size_t i = 0; i < COUNT(sealed_rules); i++) add_rule(&program, &sealed_rules[i]);
  return install(&program);
}
