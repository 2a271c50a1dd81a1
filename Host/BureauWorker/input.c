#define _GNU_SOURCE
#include <clane/process.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker.h"

#define READ_BYTES 65536u
/* How much may wait while a callback runs; then the ring holds back the host. */
#define MAX_PUMPED_BYTES (LANE_MAX_BODY_BYTES + READ_BYTES)

typedef struct buffer {
  uint8_t *bytes;
  size_t capacity, used, read;
} buffer;

/* A callback borrows from `now`, so what comes while it runs goes to `later`. */
struct input {
  lane_ring *ring;
  buffer now, later;
  size_t scanned; /* of `later`: whole frames that the pump has looked at */
};

input *input_open(lane_ring *ring) {
  input *fresh = calloc(1, sizeof *fresh);
  if (fresh) fresh->ring = ring;
  return fresh;
}

static void reserve(buffer *buffer, size_t more) {
  if (buffer->capacity - buffer->used >= more) return;
  size_t capacity = buffer->capacity ? buffer->capacity : READ_BYTES;
  while (capacity - buffer->used < more) capacity *= 2;
  buffer->bytes = realloc(buffer->bytes, capacity);
  if (!buffer->bytes) _exit(1);
  buffer->capacity = capacity;
}

/* Number of bytes, 0 when nothing is there. */
static size_t receive(input *input, buffer *buffer) {
  reserve(buffer, READ_BYTES);
  int64_t count = lane_ring_read(input->ring, buffer->bytes + buffer->used, buffer->capacity - buffer->used);
  if (count < 0) _exit(LANE_WORKER_EXIT_BROKEN);
  buffer->used += (size_t)count;
  return (size_t)count;
}

static bool whole_frame(const buffer *buffer, size_t at, lane_header *header) {
  if (buffer->used - at < sizeof *header) return false;
  memcpy(header, buffer->bytes + at, sizeof *header);
  if (header->length > LANE_MAX_BODY_BYTES) _exit(LANE_WORKER_EXIT_BROKEN);
  return buffer->used - at - sizeof *header >= header->length;
}

/* `length` bytes of the socket. Returns how many descriptors came along. */
static uint32_t receive_first(uint8_t *bytes, size_t length, int *descriptors, uint32_t room) {
  uint32_t count = 0;
  for (size_t done = 0; done < length;) {
    union {
      struct cmsghdr header; /* for its alignment */
      char bytes[CMSG_SPACE(LANE_MAX_DESCRIPTORS * sizeof(int))];
    } control;
    struct iovec part = {bytes + done, length - done};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control};
    ssize_t got = recvmsg(LANE_WORKER_SOCKET, &message, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) _exit(0);
    if (got < 0 || message.msg_flags & MSG_CTRUNC) _exit(LANE_WORKER_EXIT_BROKEN);
    done += (size_t)got;
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    if (!rights) continue;
    uint32_t more = (uint32_t)((rights->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    if (rights->cmsg_type != SCM_RIGHTS || more > room - count) _exit(LANE_WORKER_EXIT_BROKEN);
    memcpy(descriptors + count, CMSG_DATA(rights), more * sizeof(int));
    count += more;
  }
  return count;
}

uint32_t input_first(input *input, lane_header *header, const uint8_t **body,
                     int descriptors[static LANE_MAX_DESCRIPTORS]) {
  uint32_t count = receive_first((uint8_t *)header, sizeof *header, descriptors, LANE_MAX_DESCRIPTORS);
  if (header->length > LANE_MAX_BODY_BYTES) _exit(LANE_WORKER_EXIT_BROKEN);
  reserve(&input->now, header->length);
  count += receive_first(input->now.bytes, header->length, descriptors + count, LANE_MAX_DESCRIPTORS - count);
  *body = input->now.bytes;
  return count;
}

/* Takes what waits in the ring behind what is there. */
static bool fill(input *input) {
  buffer *now = &input->now;
  if (now->read > 0) {
    memmove(now->bytes, now->bytes + now->read, now->used - now->read);
    now->used -= now->read;
    now->read = 0;
  }
  return receive(input, now) > 0;
}

bool input_fill(input *input, bool wait) {
  if (input->later.used > 0) return true; /* `input_next` comes first */
  if (fill(input) || !wait) return true;
  int found = lane_ring_await(input->ring, true);
  /* The host is gone, or has said goodbye after its last frame, which is in the ring. */
  return fill(input) || found != LANE_RING_ENDED;
}

bool input_next(input *input, lane_header *header, const uint8_t **body) {
  if (input->later.used > 0) { /* the callback before this pumped: all that follows is there */
    buffer emptied = input->now;
    emptied.used = emptied.read = 0;
    input->now = input->later;
    input->later = emptied;
    input->scanned = 0;
  }
  buffer *now = &input->now;
  if (!whole_frame(now, now->read, header)) return false;
  *body = now->bytes + now->read + sizeof *header;
  now->read += sizeof *header + header->length;
  return true;
}

void input_pump(input *input, lane *lane) {
  buffer *now = &input->now, *later = &input->later;
  if (later->used == 0) {
    size_t rest = now->used - now->read;
    reserve(later, rest + READ_BYTES);
    if (rest > 0) memcpy(later->bytes, now->bytes + now->read, rest);
    later->used = rest;
    later->read = 0;
    now->used = now->read;
    input->scanned = 0;
  }
  if (lane_ring_is_finished(input->ring)) _exit(0);
  if (later->used < MAX_PUMPED_BYTES) receive(input, later);
  lane_header header;
  while (whole_frame(later, input->scanned, &header)) {
    if (header.kind == LANE_CANCEL) lane_mark_cancelled(lane, header.call);
    /* Answered at once: the plugin is busy, but the process is alive and looks. Answering again later is harmless. */
    if (header.kind == LANE_PING) lane_dispatch(lane, &header, later->bytes + input->scanned + sizeof header);
    input->scanned += sizeof header + header.length;
  }
}
