/* A crash report without a core dump: when the process dies by a signal, where it was and which call it was in goes
 * to a page that the host reads afterwards.
 *
 * The handler runs in a process that is broken in an unknown way: it takes no lock, allocates nothing, calls only
 * what signal-safety(7) allows, and reads the stack through a pipe, so that a bad address is an error and no second
 * fault. Then the signal comes again with its default action: the exit status stays the truth. */
#define _GNU_SOURCE
#include <clane/crash.h>
#include <clane/process.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "worker.h"

#define ALTERNATE_STACK_BYTES (64u << 10)
#define WALKED_STACK_BYTES (64u << 20)
#define SCANNED_STACK_BYTES (16u << 10)
#define SCANNED_FRAMES 16u

static lane_crash *page;
static int probe[2] = {-1, -1};
/* The plugins' code, of which the page has a copy that they may overwrite. */
static struct {
  uintptr_t start, end;
} plugin_ranges[LANE_MAX_DESCRIPTORS];
static uint32_t plugin_count;

/* Reads memory that may not be there: the kernel refuses a bad address to write(2). */
static bool read_memory(uintptr_t address, void *out, size_t size) {
  ssize_t written = write(probe[1], (const void *)address, size);
  if (written <= 0) return false;
  return read(probe[0], out, (size_t)written) == written && (size_t)written == size;
}

static bool in_plugin(uintptr_t address) {
  for (uint32_t i = 0; i < plugin_count; i++)
    if (address >= plugin_ranges[i].start && address < plugin_ranges[i].end) return true;
  return false;
}

static void push(uint64_t address) {
  if (page->frame_count < LANE_CRASH_FRAMES) page->frames[page->frame_count++] = address;
}

/* Along the frame pointers, which go up and are where there is memory. True when a frame is the plugin's. */
static bool walk(uintptr_t sp, uintptr_t fp) {
  bool found = false;
  for (uint32_t i = 0; i < LANE_CRASH_FRAMES; i++) {
    uintptr_t pair[2];
    if (fp % sizeof(uintptr_t) || fp < sp || fp - sp > WALKED_STACK_BYTES) break;
    if (!read_memory(fp, pair, sizeof pair) || !pair[1]) break;
    push(pair[1]);
    found = found || in_plugin(pair[1]);
    if (pair[0] <= fp) break;
    fp = pair[0];
  }
  return found;
}

/* Code without frame pointers leaves its return addresses on the stack: those that point into a plugin. */
static void scan(uintptr_t sp) {
  uintptr_t words[64];
  uint32_t found = 0;
  sp &= ~(sizeof(uintptr_t) - 1);
  for (uintptr_t at = sp; at - sp < SCANNED_STACK_BYTES && found < SCANNED_FRAMES; at += sizeof words) {
    if (!read_memory(at, words, sizeof words)) return;
    for (size_t i = 0; i < sizeof words / sizeof *words && found < SCANNED_FRAMES; i++) {
      if (!in_plugin(words[i])) continue;
      push(words[i]);
      found++;
    }
  }
}

static void registers(const ucontext_t *context, uintptr_t *pc, uintptr_t *sp, uintptr_t *fp) {
#if defined(__x86_64__)
  *pc = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
  *sp = (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
  *fp = (uintptr_t)context->uc_mcontext.gregs[REG_RBP];
#elif defined(__aarch64__)
  *pc = context->uc_mcontext.pc;
  *sp = context->uc_mcontext.sp;
  *fp = context->uc_mcontext.regs[29];
#else
#error "the registers of this machine are not known"
#endif
}

static void describe(int number, const siginfo_t *info, const ucontext_t *context) {
  uintptr_t pc, sp, fp;
  registers(context, &pc, &sp, &fp);
  page->signal = number;
  page->code = info->si_code;
  /* A signal that was sent has a sender where a fault has its address. */
  page->has_address =
      info->si_code > 0 && (number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE);
  page->address = page->has_address ? (uint64_t)(uintptr_t)info->si_addr : 0;
  page->pc = pc;
  page->frame_count = 0;
  lane_executing(&page->call, &page->instance, &page->lane);
  prctl(PR_GET_NAME, page->thread);
  bool found = walk(sp, fp) || in_plugin(pc);
  page->found_from = page->frame_count;
  if (!found) scan(sp);
}

static void on_crash(int number, siginfo_t *info, void *context) {
  uint32_t state = LANE_CRASH_NONE;
  if (__atomic_compare_exchange_n(&page->state, &state, LANE_CRASH_BEGUN, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    describe(number, info, context);
    __atomic_store_n(&page->state, LANE_CRASH_DONE, __ATOMIC_RELEASE);
  } else {
    /* Another thread was first; this one must not end the process under it. */
    for (int i = 0; i < 100 && __atomic_load_n(&page->state, __ATOMIC_ACQUIRE) == LANE_CRASH_BEGUN; i++)
      poll(NULL, 0, 10);
  }
  /* Blocked until this returns, and the default action is back (SA_RESETHAND). */
  syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), number);
}

bool crash_guard_thread(void) {
  void *stack = mmap(NULL, ALTERNATE_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack == MAP_FAILED) return false;
  const stack_t alternate = {.ss_sp = stack, .ss_size = ALTERNATE_STACK_BYTES};
  return sigaltstack(&alternate, NULL) == 0;
}

void crash_install(void) {
  page = mmap(NULL, LANE_CRASH_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, LANE_WORKER_CRASH, 0);
  if (page == MAP_FAILED || pipe2(probe, O_CLOEXEC | O_NONBLOCK) < 0 || !crash_guard_thread()) return;
  struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
}

typedef struct loaded_files {
  const int *files;
  uint32_t count;
} loaded_files;

/* The loader knows a plugin by the path of its descriptor. One above its place; 0 for what is no plugin. */
static uint32_t plugin_number(const loaded_files *loaded, const char *name) {
  char path[32];
  for (uint32_t i = 0; i < loaded->count; i++) {
    snprintf(path, sizeof path, "/proc/self/fd/%d", loaded->files[i]);
    if (strcmp(name, path) == 0) return i + 1;
  }
  return 0;
}

static int note_object(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size;
  if (page->object_count == LANE_CRASH_OBJECTS) return 1;
  uint64_t start = UINT64_MAX, end = 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type != PT_LOAD) continue;
    uint64_t first = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr, last = first + info->dlpi_phdr[i].p_memsz;
    if (first < start) start = first;
    if (last > end) end = last;
  }
  const char *name = strrchr(info->dlpi_name, '/');
  lane_crash_object *object = &page->objects[page->object_count++];
  *object = (lane_crash_object){
      .bias = info->dlpi_addr, .start = start, .end = end, .plugin = plugin_number(context, info->dlpi_name)};
  name = name ? name + 1 : *info->dlpi_name ? info->dlpi_name : "bureau-worker";
  snprintf(object->name, sizeof object->name, "%s", name);
  if (object->plugin && plugin_count < LANE_MAX_DESCRIPTORS) {
    plugin_ranges[plugin_count].start = start;
    plugin_ranges[plugin_count++].end = end;
  }
  return 0;
}

void crash_note_objects(const int *files, uint32_t count) {
  if (!page || page == MAP_FAILED) return;
  loaded_files loaded = {files, count};
  page->object_count = plugin_count = 0;
  dl_iterate_phdr(note_object, &loaded);
}
