/* The shared ring; its idea and its rules are in clane/ring.h. */
#define _GNU_SOURCE
#include "clane/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define CONTROL_BYTES 4096u
#define MAPPED_BYTES (CONTROL_BYTES + 2u * LANE_RING_BYTES)
#define MASK (LANE_RING_BYTES - 1u)
/* A spin in vain costs at most one in so many pauses. */
#define MAX_NEEDED 64u
/* Two lines: processors fetch them in pairs. */
#define LINE 128

_Static_assert((LANE_RING_BYTES & MASK) == 0, "offsets are masked");

/* One direction, in the shared memory. Indices only grow; an offset is an index, masked. */
typedef struct stream {
  _Alignas(LINE) _Atomic uint64_t tail;   /* written by the producer */
  _Alignas(LINE) _Atomic uint64_t head;   /* written by the consumer */
  _Alignas(LINE) _Atomic uint32_t asleep; /* 1: the consumer waits; cleared by who wakes it */
  _Alignas(LINE) _Atomic uint32_t full;   /* 1: the producer waits for room; cleared by who wakes it */
} stream;

typedef struct shared {
  stream to_worker, to_host;
  _Alignas(LINE) _Atomic uint32_t finished; /* 1: the host puts nothing more */
} shared;

_Static_assert(sizeof(shared) <= CONTROL_BYTES, "the control words have a page of their own");

struct lane_ring {
  shared *memory;
  int socket;
  bool is_host;
  _Atomic uint32_t roused;
  struct {
    _Alignas(LINE) stream *way;
    uint8_t *bytes;
    uint64_t tail, shown;
    uint64_t known_head; /* the consumer's, when it was last looked at */
  } out;
  struct {
    _Alignas(LINE) stream *way;
    const uint8_t *bytes;
    uint64_t head;
    uint32_t short_pauses, needed; /* in a row; how many make the next spin worth while */
  } in;
};

/* Of this process: never more at once than leave a core to those they wait for. */
static _Atomic int spinners;

static int spare_cores(void) {
  static _Atomic int known = -1;
  int spare = atomic_load_explicit(&known, memory_order_relaxed);
  if (spare >= 0) return spare;
  cpu_set_t cores;
  spare = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) - 1 : 0;
  atomic_store_explicit(&known, spare, memory_order_relaxed);
  return spare;
}

static uint64_t nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* MARK: Both sides */

static lane_ring *map(int socket, int descriptor, bool is_host) {
  shared *memory = mmap(NULL, MAPPED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) return NULL;
  lane_ring *ring = aligned_alloc(_Alignof(lane_ring), sizeof *ring);
  if (!ring) {
    munmap(memory, MAPPED_BYTES);
    errno = ENOMEM;
    return NULL;
  }
  memset(ring, 0, sizeof *ring);
  uint8_t *to_worker = (uint8_t *)memory + CONTROL_BYTES, *to_host = to_worker + LANE_RING_BYTES;
  ring->memory = memory;
  ring->socket = socket;
  ring->is_host = is_host;
  ring->out.way = is_host ? &memory->to_worker : &memory->to_host;
  ring->out.bytes = is_host ? to_worker : to_host;
  ring->in.way = is_host ? &memory->to_host : &memory->to_worker;
  ring->in.needed = 1;
  ring->in.bytes = is_host ? to_host : to_worker;
  spare_cores();
  return ring;
}

int lane_ring_create(int socket, lane_ring **out, int *descriptor) {
  const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int memory = memfd_create("bureau-ring", flags | MFD_NOEXEC_SEAL);
  if (memory < 0 && errno == EINVAL) memory = memfd_create("bureau-ring", flags); /* before Linux 6.3 */
  if (memory < 0) return -errno;
  /* A worker that could cut the file would end the host at its next look. */
  bool sealed = ftruncate(memory, MAPPED_BYTES) == 0 &&
                fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0;
  *out = sealed ? map(socket, memory, true) : NULL;
  if (!*out) {
    int error = errno;
    close(memory);
    return -error;
  }
  *descriptor = memory;
  return 0;
}

lane_ring *lane_ring_open(int socket, int descriptor) {
  lane_ring *ring = map(socket, descriptor, false);
  if (!ring) return NULL;
  close(descriptor);
  return ring;
}

void lane_ring_close(lane_ring *ring) {
  munmap(ring->memory, MAPPED_BYTES);
  free(ring);
}

/* Whether the host is no more. */
static bool is_orphan(const lane_ring *ring) {
  struct pollfd host = {ring->socket, 0, 0};
  return poll(&host, 1, 0) > 0 && host.revents & (POLLHUP | POLLERR | POLLNVAL);
}

/* Of the worker: waits while the word is 1. False when the host is gone, which is looked at from time to time: a
 * host that ends takes its workers along, and this is for when the kernel could not. */
static bool wait_while_raised(const lane_ring *ring, _Atomic uint32_t *word) {
  static const struct timespec patience = {5, 0};
  long error = syscall(SYS_futex, word, FUTEX_WAIT, 1, &patience, NULL, 0);
  return error == 0 || errno != ETIMEDOUT || !is_orphan(ring);
}

/* The worker waits at a word, the host at the socket. When that is full there are bells enough in it. */
static void wake_other(lane_ring *ring, _Atomic uint32_t *word) {
  if (ring->is_host) {
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
    return;
  }
  uint8_t byte = LANE_RING_BELL;
  struct iovec part = {&byte, sizeof byte};
  const struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  while (sendmsg(ring->socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno == EINTR) continue;
}

/* Takes a flag that the other side has raised. No wake-up is lost, because all four steps are sequentially
 * consistent: one side moves an index and then looks at the flag, the other raises the flag and then looks at the
 * index, so at least one of them sees what the other has done. */
static bool takes(_Atomic uint32_t *flag) { return atomic_load(flag) != 0 && atomic_exchange(flag, 0) != 0; }

/* MARK: Producing */

/* How many bytes fit, or -1: an honest consumer's head never goes back, nor past the tail. */
static int64_t room(lane_ring *ring, uint64_t wanted) {
  uint64_t used = ring->out.tail - ring->out.known_head;
  if (LANE_RING_BYTES - used < wanted) {
    uint64_t head = atomic_load(&ring->out.way->head);
    if (ring->out.tail - head > used) return -1;
    used = ring->out.tail - head;
    ring->out.known_head = head;
  }
  return (int64_t)(LANE_RING_BYTES - used);
}

int64_t lane_ring_put(lane_ring *ring, const void *bytes, uint64_t length) {
  int64_t free_bytes = room(ring, length);
  if (free_bytes < 0) return -1;
  uint64_t count = length < (uint64_t)free_bytes ? length : (uint64_t)free_bytes;
  uint64_t offset = ring->out.tail & MASK, first = LANE_RING_BYTES - offset;
  if (first > count) first = count;
  if (first > 0) memcpy(ring->out.bytes + offset, bytes, first);
  if (count > first) memcpy(ring->out.bytes, (const uint8_t *)bytes + first, count - first);
  ring->out.tail += count;
  return (int64_t)count;
}

void lane_ring_publish(lane_ring *ring) {
  if (ring->out.shown == ring->out.tail) return;
  ring->out.shown = ring->out.tail;
  atomic_store(&ring->out.way->tail, ring->out.tail);
  if (takes(&ring->out.way->asleep)) wake_other(ring, &ring->out.way->asleep);
}

int lane_ring_want_room(lane_ring *ring) {
  atomic_store(&ring->out.way->full, 1);
  int64_t free_bytes = room(ring, LANE_RING_BYTES);
  /* With less room, more waits to be read, and a bell will come. An impossible index: `put` will say so. */
  return free_bytes < 0 || free_bytes >= LANE_RING_BYTES / 4;
}

int lane_ring_await_room(lane_ring *ring) {
  while (!lane_ring_want_room(ring))
    if (!wait_while_raised(ring, &ring->out.way->full)) return LANE_RING_ENDED;
  return LANE_RING_READY;
}

void lane_ring_finish(lane_ring *ring) {
  atomic_store(&ring->memory->finished, 1);
  if (takes(&ring->out.way->asleep)) wake_other(ring, &ring->out.way->asleep);
}

/* MARK: Consuming */

int lane_ring_is_finished(const lane_ring *ring) { return atomic_load(&ring->memory->finished) != 0; }

static bool has_bytes(const lane_ring *ring) { return atomic_load(&ring->in.way->tail) != ring->in.head; }

static bool has_input(const lane_ring *ring) {
  if (has_bytes(ring)) return true;
  return !ring->is_host && (atomic_load(&ring->roused) != 0 || lane_ring_is_finished(ring));
}

int64_t lane_ring_read(lane_ring *ring, void *bytes, uint64_t capacity) {
  uint64_t tail = atomic_load(&ring->in.way->tail);
  uint64_t waiting = tail - ring->in.head;
  if (waiting > LANE_RING_BYTES) return -1;
  uint64_t count = waiting < capacity ? waiting : capacity;
  if (count == 0) return 0;
  uint64_t offset = ring->in.head & MASK, first = LANE_RING_BYTES - offset;
  if (first > count) first = count;
  memcpy(bytes, ring->in.bytes + offset, first);
  if (count > first) memcpy((uint8_t *)bytes + first, ring->in.bytes, count - first);
  ring->in.head += count;
  atomic_store(&ring->in.way->head, ring->in.head);
  if (takes(&ring->in.way->full)) wake_other(ring, &ring->in.way->full);
  return (int64_t)count;
}

/* Looks until something is there or the time is over. It gives its core away in between: the other side may be
 * waiting for this very one. */
static bool spin(const lane_ring *ring, uint64_t start) {
  bool found = false;
  if (atomic_fetch_add(&spinners, 1) < spare_cores()) {
    for (;;) {
      for (int i = 0; i < 32 && !(found = has_input(ring)); i++) relax();
      if (found || nanoseconds() - start >= LANE_RING_SPIN_NANOSECONDS) break;
      sched_yield();
    }
  }
  atomic_fetch_sub(&spinners, 1);
  return found;
}

/* Decides by what the last pauses were like: after a spin in vain there must be twice as many short ones as before. */
static bool worth_spinning(lane_ring *ring) {
  if (ring->in.short_pauses < ring->in.needed) return false;
  ring->in.needed = ring->in.needed < MAX_NEEDED ? 2 * ring->in.needed : MAX_NEEDED;
  ring->in.short_pauses = 0;
  return true;
}

static void note_pause(lane_ring *ring, uint64_t time, bool found_by_spin) {
  if (found_by_spin) {
    ring->in.needed = 1;
    ring->in.short_pauses = 1;
  } else {
    ring->in.short_pauses = time <= LANE_RING_SPIN_NANOSECONDS ? ring->in.short_pauses + 1 : 0;
  }
}

/* Waits for what comes by the socket of the host: bells only. */
static int take_bells(lane_ring *ring) {
  uint8_t bytes[64];
  struct iovec part = {bytes, sizeof bytes};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  ssize_t count;
  do count = recvmsg(ring->socket, &message, 0);
  while (count < 0 && errno == EINTR);
  if (count <= 0) return LANE_RING_ENDED;
  /* Descriptors had no place to arrive: the kernel has closed them, and says so. */
  if (message.msg_flags & MSG_CTRUNC) return LANE_RING_BROKEN;
  for (ssize_t i = 0; i < count; i++)
    if (bytes[i] != LANE_RING_BELL) return LANE_RING_BROKEN;
  return LANE_RING_READY;
}

static int sleep_until_woken(lane_ring *ring) {
  if (ring->is_host) return take_bells(ring);
  return wait_while_raised(ring, &ring->in.way->asleep) ? LANE_RING_READY : LANE_RING_ENDED;
}

int lane_ring_await(lane_ring *ring, int spins) {
  int result = LANE_RING_READY;
  if (!has_input(ring)) {
    uint64_t start = nanoseconds();
    bool found = spins && worth_spinning(ring) && spin(ring, start);
    if (!found) {
      atomic_store(&ring->in.way->asleep, 1);
      if (!has_input(ring)) result = sleep_until_woken(ring);
      atomic_store(&ring->in.way->asleep, 0);
    }
    note_pause(ring, nanoseconds() - start, found);
  }
  /* What it was roused for is looked at after this, and a rouse that comes later is seen by the next await. */
  if (atomic_load(&ring->roused)) atomic_exchange(&ring->roused, 0);
  if (!ring->is_host && lane_ring_is_finished(ring)) result = LANE_RING_ENDED;
  return result;
}

void lane_ring_rouse(lane_ring *ring) {
  atomic_store(&ring->roused, 1);
  if (takes(&ring->in.way->asleep)) syscall(SYS_futex, &ring->in.way->asleep, FUTEX_WAKE, 1, NULL, NULL, 0);
}
