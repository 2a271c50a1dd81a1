/* Frames on the probe's socket. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "internal.h"

#define MAX_PIECES 32

static int frame_socket = -1;
static pthread_mutex_t frame_mutex = PTHREAD_MUTEX_INITIALIZER;

void frames_use(int socket) { frame_socket = socket; }

/* A checker that is gone shows at the next read. */
static void send_parts(struct iovec *parts, size_t count) {
  struct msghdr whole = {.msg_iov = parts, .msg_iovlen = count};
  while (whole.msg_iovlen > 0) {
    ssize_t sent = sendmsg(frame_socket, &whole, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return;
    while (whole.msg_iovlen > 0 && (size_t)sent >= whole.msg_iov->iov_len) {
      sent -= (ssize_t)whole.msg_iov->iov_len;
      whole.msg_iov++;
      whole.msg_iovlen--;
    }
    if (whole.msg_iovlen > 0) {
      whole.msg_iov->iov_base = (char *)whole.msg_iov->iov_base + sent;
      whole.msg_iov->iov_len -= (size_t)sent;
    }
  }
}

void frames_send(void *context, const lane_frame *frame) {
  (void)context;
  struct iovec parts[MAX_PIECES + 1];
  lane_header header = frame->header;
  size_t count = 0;
  parts[count++] = (struct iovec){&header, sizeof header};
  for (uint64_t i = 0; i < frame->count && i < MAX_PIECES; i++)
    parts[count++] = (struct iovec){(void *)frame->pieces[i].ptr, frame->pieces[i].len};
  pthread_mutex_lock(&frame_mutex);
  send_parts(parts, count);
  pthread_mutex_unlock(&frame_mutex);
}

void message_start(message *message, uint16_t kind) {
  message->kind = kind;
  message->used = 0;
  message->data = (bureau_buf){NULL, 0};
}

void message_number(message *message, uint8_t tag, uint64_t value) {
  if (message->used + 9 > MESSAGE_BYTES) return;
  message->bytes[message->used] = tag;
  memcpy(message->bytes + message->used + 1, &value, sizeof value);
  message->used += 9;
}

/* Cut to what fits: these are names. */
void message_text(message *message, uint8_t tag, const void *text, uint64_t length) {
  if (message->used + 5 > MESSAGE_BYTES) return;
  uint32_t room = MESSAGE_BYTES - message->used - 5;
  uint32_t size = !text ? 0 : length < 300 ? (uint32_t)length : 300;
  if (size > room) size = room;
  message->bytes[message->used] = tag;
  memcpy(message->bytes + message->used + 1, &size, sizeof size);
  if (size) memcpy(message->bytes + message->used + 5, text, size);
  message->used += 5 + size;
}

void message_send(const message *message) {
  uint8_t head[5] = {PROBE_TAG_DATA};
  uint32_t size = (uint32_t)message->data.len;
  memcpy(head + 1, &size, sizeof size);
  lane_piece pieces[] = {{message->bytes, message->used}, {head, sizeof head}, {message->data.ptr, size}};
  lane_frame frame = {{message->used + 5 + size, message->kind, 0, 0, 0}, pieces, size ? 3 : 2};
  frames_send(NULL, &frame);
}

bool frames_receive(void *bytes, size_t length, int *descriptor) {
  uint8_t *at = bytes;
  while (length > 0) {
    union {
      struct cmsghdr head;
      char room[CMSG_SPACE(sizeof(int) * 4)];
    } control;
    struct iovec part = {at, length};
    struct msghdr whole = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                           .msg_controllen = sizeof control};
    ssize_t count = recvmsg(frame_socket, &whole, MSG_CMSG_CLOEXEC);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    struct cmsghdr *head = CMSG_FIRSTHDR(&whole);
    if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
      memcpy(descriptor, CMSG_DATA(head), sizeof *descriptor);
    at += count;
    length -= (size_t)count;
  }
  return true;
}

/* Frames come from the checker, which is trusted; a field that does not fit is still not read. */
static bool find(const uint8_t *body, uint32_t length, uint8_t tag, const uint8_t **value, uint64_t *size) {
  uint32_t at = 0;
  while (at < length) {
    uint8_t here = body[at++];
    uint32_t head = here & 0x80 ? 8 : 4, bytes = 0;
    if (length - at < head) return false;
    if (!(here & 0x80)) memcpy(&bytes, body + at, sizeof bytes);
    if (length - at - head < bytes) return false;
    if (here == tag) {
      *value = here & 0x80 ? body + at : body + at + head;
      *size = here & 0x80 ? 8 : bytes;
      return true;
    }
    at += head + bytes;
  }
  return false;
}

uint64_t field_number(const uint8_t *body, uint32_t length, uint8_t tag) {
  const uint8_t *value;
  uint64_t size, number = 0;
  if (find(body, length, tag, &value, &size)) memcpy(&number, value, sizeof number);
  return number;
}

bureau_buf field_bytes(const uint8_t *body, uint32_t length, uint8_t tag) {
  const uint8_t *value;
  uint64_t size;
  return find(body, length, tag, &value, &size) ? (bureau_buf){value, size} : (bureau_buf){NULL, 0};
}
