/* protocol.c: attacks on the socket and the ring that a worker shares with its host (clane/ring.h, clane/wire.h). */
#include "hostile.h"

#include <sys/socket.h>

#define SOCKET 3
#define RING_BYTES 262144u
#define LINE 128u

/* Where the words of clane/ring.h stand: of the stream to the worker, then of the stream to the host. */
enum { TAIL = 0, HEAD = LINE, STREAM = 4 * LINE, DATA = 4096 };

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
static bureau_status forge(const void *bytes, uint64_t length) {
  uint8_t *ring = find_ring();
  if (!ring) return BUREAU_E_INTERNAL;
  uint64_t tail = load(ring + STREAM + TAIL);
  for (uint64_t i = 0; i < length; i++)
    ring[DATA + RING_BYTES + ((tail + i) & (RING_BYTES - 1))] = ((const uint8_t *)bytes)[i];
  store(ring + STREAM + TAIL, tail + length);
  ring_bell();
  return BUREAU_OK;
}

typedef struct __attribute__((packed)) frame {
  uint32_t length;
  uint16_t kind, reserved;
  uint64_t call, op;
  uint8_t tag;
  uint64_t value;
} frame;
enum { STATUS = 0x89, PROTOCOL = 0x8d, READY = 65, COMPLETE = 71 };

static bureau_status forge_frame(frame frame) { return forge(&frame, sizeof frame); }
static bureau_status forge_length(agent *agent, const bureau_task *task) {
  return forge_frame((frame){.length = 0xFFFFFFFF, .kind = COMPLETE});
}
/* Kinds that only a host sends, and that nobody does. */
static bureau_status forge_kind(agent *agent, const bureau_task *task) {
  return forge_frame((frame){.length = 9, .kind = 2, .tag = STATUS});
}
static bureau_status forge_other_call(agent *agent, const bureau_task *task) {
  return forge_frame((frame){.length = 9, .kind = COMPLETE, .call = 1u << 30, .tag = STATUS});
}
static bureau_status forge_ready(agent *agent, const bureau_task *task) {
  return forge_frame((frame){.length = 9, .kind = READY, .tag = PROTOCOL, .value = 2});
}
static bureau_status forge_field(agent *agent, const bureau_task *task) {
  return forge_frame((frame){.length = 9, .kind = COMPLETE, .call = task->call, .tag = 3, .value = 0xFFFFFFFF});
}
/* Its own call: a plugin may end that, however it does so. */
static bureau_status forge_own_completion(agent *agent, const bureau_task *task) {
  return forge_frame(
      (frame){.length = 9, .kind = COMPLETE, .call = task->call, .tag = STATUS, .value = (uint64_t)BUREAU_E_IO});
}

static bureau_status forge_tail(agent *agent, const bureau_task *task) {
  uint8_t *ring = find_ring();
  if (!ring) return BUREAU_E_INTERNAL;
  store(ring + STREAM + TAIL, load(ring + STREAM + TAIL) + RING_BYTES + 1);
  ring_bell();
  return BUREAU_OK;
}
static bureau_status forge_head(agent *agent, const bureau_task *task) {
  uint8_t *ring = find_ring();
  if (!ring) return BUREAU_E_INTERNAL;
  /* For good: the worker's own code would put it right when it reads next. */
  for (;;) {
    store(ring + HEAD, 1ull << 40);
    ring_bell();
  }
}

static void *scribble(void *ring_memory) {
  uint8_t *ring = ring_memory;
  uint64_t random = 88172645463325252u;
  for (;;) {
    random ^= random << 13, random ^= random >> 7, random ^= random << 17;
    uint8_t *stream = ring + (random & 1 ? STREAM : 0);
    if ((random >> 8 & 7) == 0) store(stream + TAIL, load(stream + TAIL) + (random >> 48));
    else if ((random >> 8 & 7) == 1) store(stream + HEAD, load(stream + HEAD) - (random >> 56));
    else if ((random >> 8 & 7) == 2) ring_bell();
    else ring[DATA + (random >> 16) % (2 * RING_BYTES)] = (uint8_t)random;
  }
}
static bureau_status scribble_on_ring(agent *agent, const bureau_task *task) {
  pthread_t thread;
  uint8_t *ring = find_ring();
  return ring && pthread_create(&thread, NULL, scribble, ring) == 0 ? BUREAU_OK : BUREAU_E_INTERNAL;
}

static bureau_status write_to_socket(agent *agent, const bureau_task *task) {
  static const char garbage[256] = "this is not a frame of any kind";
  return write(SOCKET, garbage, sizeof garbage) > 0 ? BUREAU_OK : BUREAU_E_IO;
}
static bureau_status flood_bells(agent *agent, const bureau_task *task) {
  for (;;) send(SOCKET, "\x07", 1, MSG_NOSIGNAL);
}

static bureau_status send_descriptors(agent *agent, const bureau_task *task) {
  enum { MOST = 250 };
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(MOST * sizeof(int))];
  } control;
  struct iovec part = {"\x07", 1};
  for (int sent = 0; sent < 1000; sent += MOST) {
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

static bureau_status close_all(agent *agent, const bureau_task *task) {
  for (int i = 0; i < 64; i++) close(i);
  return BUREAU_OK;
}
static bureau_status replace_socket(agent *agent, const bureau_task *task) {
  return dup2(1, SOCKET) == SOCKET ? BUREAU_OK : BUREAU_E_IO;
}
static bureau_status shut_socket(agent *agent, const bureau_task *task) {
  return finish_number(agent, task->call, shutdown(SOCKET, SHUT_RDWR) == 0);
}

RUN_ACT
