/* Memory that a plugin borrows, laid out so that a broken promise is a fault at once, and a fault has a name. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "internal.h"

#define PAGE 4096u
/* Regions stay as they are, without access, until so many newer ones have come. */
#define REGIONS 1024u
#define CANARY 0xC7

enum state { STATE_FREE = 0, STATE_LENT, STATE_TAKEN_BACK };

typedef struct region {
  uint8_t *base;
  size_t total; /* guards and all */
  uint8_t *start;
  size_t length;
  uint8_t *guard; /* the page after the bytes */
  bureau_call call;
  int kind;
  _Atomic int state;
} region;

static region regions[REGIONS];
static uint32_t next_region;
static pthread_mutex_t region_mutex = PTHREAD_MUTEX_INITIALIZER;

static size_t pages(size_t bytes) { return (bytes + PAGE - 1) / PAGE * PAGE; }

/* Room for `length` bytes whose end is `align`ed as near to a guard page as it can be, or at the start of a page. */
static region *reserve(size_t length, size_t align, bool at_end) {
  pthread_mutex_lock(&region_mutex);
  region *fresh = &regions[next_region++ % REGIONS];
  if (fresh->base) munmap(fresh->base, fresh->total);
  size_t room = pages(length ? length : 1) + (align > 16 ? pages(align) : 0), total = room + 2 * PAGE;
  uint8_t *base = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) {
    *fresh = (region){0};
    pthread_mutex_unlock(&region_mutex);
    return NULL;
  }
  *fresh = (region){.base = base, .total = total, .length = length, .guard = base + PAGE + room};
  fresh->start = base + PAGE;
  if (at_end) fresh->start = (uint8_t *)((uintptr_t)(fresh->guard - length) & ~(uintptr_t)(align - 1));
  mprotect(base, PAGE, PROT_NONE);
  mprotect(fresh->guard, PAGE, PROT_NONE);
  atomic_store(&fresh->state, STATE_LENT);
  pthread_mutex_unlock(&region_mutex);
  return fresh;
}

static region *region_at(const uint8_t *start) {
  for (uint32_t i = 0; i < REGIONS; i++)
    if (regions[i].start == start && atomic_load(&regions[i].state) == STATE_LENT) return &regions[i];
  return NULL;
}

uint8_t *memory_body(uint32_t length) {
  region *fresh = reserve(length, 1, probe_flags & PROBE_STRICT_INPUT);
  return fresh ? fresh->start : NULL;
}

void memory_lend(uint8_t *body, int kind) {
  region *lent = region_at(body);
  if (!lent || !(probe_flags & PROBE_STRICT_INPUT)) return;
  lent->kind = kind;
  mprotect(lent->base + PAGE, lent->total - 2 * PAGE, PROT_READ);
}

void memory_take_back(uint8_t *body) {
  region *lent = region_at(body);
  if (!lent || !(probe_flags & PROBE_STRICT_INPUT)) return;
  mprotect(lent->base, lent->total, PROT_NONE);
  atomic_store(&lent->state, STATE_TAKEN_BACK);
}

static void report(int kind, int touch) {
  message message;
  message_start(&message, PROBE_FAULT);
  message_number(&message, PROBE_TAG_VALUE, (uint64_t)kind);
  message_number(&message, PROBE_TAG_STATUS, (uint64_t)touch);
  message_send(&message);
}

void *memory_arena(bureau_call call, uint64_t size, uint64_t align) {
  region *fresh = reserve(size, align, true);
  if (!fresh) return NULL;
  fresh->call = call;
  fresh->kind = PROBE_MEMORY_ARENA;
  /* Between an odd size's end and the guard page nothing faults, so a pattern watches. */
  memset(fresh->start + size, CANARY, (size_t)(fresh->guard - fresh->start) - size);
  return fresh->start;
}

void memory_end_call(bureau_call call) {
  for (uint32_t i = 0; i < REGIONS; i++) {
    region *block = &regions[i];
    if (block->kind != PROBE_MEMORY_ARENA || block->call != call || atomic_load(&block->state) != STATE_LENT)
      continue;
    for (uint8_t *at = block->start + block->length; at < block->guard; at++) {
      if (*at == CANARY) continue;
      report(PROBE_MEMORY_ARENA, PROBE_TOUCH_BEYOND);
      break;
    }
    mprotect(block->base, block->total, PROT_NONE);
    atomic_store(&block->state, STATE_TAKEN_BACK);
  }
}

/* Names the memory, then lets the signal end the process. */
static void on_fault(int number, siginfo_t *info, void *context) {
  (void)context;
  const uint8_t *address = info->si_addr;
  for (uint32_t i = 0; i < REGIONS; i++) {
    const region *met = &regions[i];
    if (!met->base || address < met->base || address >= met->base + met->total) continue;
    bool beyond = address >= met->guard || address < met->base + PAGE;
    report(met->kind, atomic_load(&met->state) == STATE_TAKEN_BACK ? PROBE_TOUCH_LATE
                      : beyond                                     ? PROBE_TOUCH_BEYOND
                                                                   : PROBE_TOUCH_WROTE);
    break;
  }
  signal(number, SIG_DFL);
}

void memory_watch_faults(void) {
  static uint8_t stack[65536];
  stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternative, NULL);
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
}
