/* hostile_ring.c: one task for each way to attack the memory and the socket that a worker shares with its host. */
#include "skeleton.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET 3
#define RING_BYTES 262144u
#define LINE 128u

/* Where the words of clane/ring.h stand: of the stream to the worker, then of the stream to the host. */
enum { TAIL = 0, HEAD = LINE, ASLEEP = 2 * LINE, FULL = 3 * LINE, STREAM = 4 * LINE, DATA = 4096 };

static uint8_t *find_ring(void) {
  char line[512];
  unsigned long start = 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  while (maps && !start && fgets(line, sizeof line, maps))
    if (strstr(line, "bureau-ring")) start = strtoul(line, NULL, 16);
  if (maps) fclose(maps);
  return (uint8_t *)start;
}

static void ring_bell(void) { send(SOCKET, "\x07", 1, MSG_DONTWAIT | MSG_NOSIGNAL); }

static uint64_t load(const uint8_t *word) { return __atomic_load_n((const uint64_t *)word, __ATOMIC_SEQ_CST); }
static void store(uint8_t *word, uint64_t value) { __atomic_store_n((uint64_t *)word, value, __ATOMIC_SEQ_CST); }

/* Puts bytes behind the tail as the worker itself would. */
static void forge(uint8_t *ring, const void *bytes, uint64_t length) {
  uint64_t tail = load(ring + STREAM + TAIL);
  for (uint64_t i = 0; i < length; i++)
    ring[DATA + RING_BYTES + ((tail + i) & (RING_BYTES - 1))] = ((const uint8_t *)bytes)[i];
  store(ring + STREAM + TAIL, tail + length);
  ring_bell();
}

typedef struct __attribute__((packed)) frame {
  uint32_t length;
  uint16_t kind, lane;
  uint64_t call, op;
  uint8_t tag;
  uint64_t value;
} frame;

/* Everything, again and again, while the host reads and writes: with plausible numbers too. */
static void *scribble(void *context) {
  uint8_t *ring = context;
  uint64_t random = 88172645463325252u;
  for (;;) {
    random ^= random << 13, random ^= random >> 7, random ^= random << 17;
    uint8_t *stream = ring + (random & 1 ? STREAM : 0);
    switch (random >> 8 & 7) {
      case 0: store(stream + TAIL, load(stream + TAIL) + (random >> 48)); break;
      case 1: store(stream + HEAD, load(stream + HEAD) - (random >> 56)); break;
      case 2: __atomic_store_n((uint32_t *)(stream + ASLEEP), (uint32_t)random, __ATOMIC_SEQ_CST); break;
      case 3: __atomic_store_n((uint32_t *)(stream + FULL), (uint32_t)random, __ATOMIC_SEQ_CST); break;
      case 4: ring_bell(); break;
      default: ring[DATA + (random >> 16) % (2 * RING_BYTES)] = (uint8_t)random;
    }
  }
  return NULL;
}

/* A frame that is whole and right when the host may first look, and changes ever after. */
static void *flicker(void *context) {
  uint8_t *length = context;
  for (;;) {
    *(volatile uint32_t *)length = 9;
    *(volatile uint32_t *)length = 0xFFFFFF;
  }
  return NULL;
}

static bureau_status send_descriptors(int count) {
  enum { MOST = 250 };
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(MOST * sizeof(int))];
  } control;
  struct iovec part = {"\x07", 1};
  for (int sent = 0; sent < count; sent += MOST) {
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    *rights = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(MOST * sizeof(int))};
    for (int i = 0; i < MOST; i++) ((int *)CMSG_DATA(rights))[i] = SOCKET;
    if (sendmsg(SOCKET, &message, MSG_NOSIGNAL) < 0) return BUREAU_E_IO;
  }
  return BUREAU_OK;
}

static bureau_status on_begin(agent *agent, const bureau_task *task) {
  if (task_is(task, "ok")) return finish(agent, task->call, "ok");
  if (task_is(task, "descriptors")) return send_descriptors(1000);
  if (task_is(task, "bytes")) return send(SOCKET, "\x07\x08", 2, MSG_NOSIGNAL) == 2 ? BUREAU_OK : BUREAU_E_IO;
  uint8_t *ring = find_ring();
  if (!ring) return finish(agent, task->call, "found no ring");
  pthread_t thread;
  if (task_is(task, "tail-far")) store(ring + STREAM + TAIL, load(ring + STREAM + TAIL) + RING_BYTES + 1);
  if (task_is(task, "tail-negative")) store(ring + STREAM + TAIL, (uint64_t)-1);
  /* For good: the worker's own code would put it right when it reads next. */
  while (task_is(task, "head-far")) store(ring + HEAD, 1ull << 40), ring_bell();
  while (task_is(task, "head-back")) store(ring + HEAD, (uint64_t)-RING_BYTES), ring_bell();
  if (task_is(task, "length")) forge(ring, &(frame){.length = 0xFFFFFFFF, .kind = 71}, sizeof(frame));
  if (task_is(task, "kind")) forge(ring, &(frame){.length = 9, .kind = 2, .tag = 0x89}, sizeof(frame));
  if (task_is(task, "unknown-call"))
    forge(ring, &(frame){.length = 9, .kind = 71, .call = 1u << 30, .tag = 0x89}, sizeof(frame));
  /* A line of nobody, from a lane that no worker has; and from the last that could be. */
  if (task_is(task, "lane-far"))
    forge(ring, &(frame){.length = 9, .kind = 73, .lane = 0xFFFF, .tag = 0x89}, sizeof(frame));
  if (task_is(task, "lane-next"))
    forge(ring, &(frame){.length = 9, .kind = 73, .lane = 2, .tag = 0x89}, sizeof(frame));
  if (task_is(task, "scribble")) pthread_create(&thread, NULL, scribble, ring);
  if (task_is(task, "flicker")) {
    uint64_t tail = load(ring + STREAM + TAIL) & (RING_BYTES - 1);
    pthread_create(&thread, NULL, flicker, ring + DATA + RING_BYTES + tail);
    /* Logs of nobody, each of which the host takes for good or ends the worker for. */
    for (;;) forge(ring, &(frame){.length = 9, .kind = 77, .tag = 0x89}, sizeof(frame));
  }
  if (task_is(task, "mute")) /* the host's words say that it is awake, and its room is gone */
    for (;;) {
      __atomic_store_n((uint32_t *)(ring + STREAM + ASLEEP), 0, __ATOMIC_SEQ_CST);
      __atomic_store_n((uint32_t *)(ring + FULL), 0, __ATOMIC_SEQ_CST);
    }
  ring_bell();
  return BUREAU_OK;
}
