#define _GNU_SOURCE
#include <clane/process.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "worker.h"

#define MAX_PIECES 32

static pthread_mutex_t output_mutex = PTHREAD_MUTEX_INITIALIZER;

/* Blocks while the host does not read: that is the back-pressure. */
static void send_all(struct iovec *parts, size_t count) {
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
  while (message.msg_iovlen > 0) {
    ssize_t sent = sendmsg(LANE_WORKER_SOCKET, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) _exit(LANE_WORKER_EXIT_BROKEN);
    while (message.msg_iovlen > 0 && (size_t)sent >= message.msg_iov->iov_len) {
      sent -= (ssize_t)message.msg_iov->iov_len;
      message.msg_iov++;
      message.msg_iovlen--;
    }
    if (message.msg_iovlen > 0) {
      message.msg_iov->iov_base = (char *)message.msg_iov->iov_base + sent;
      message.msg_iov->iov_len -= (size_t)sent;
    }
  }
}

void output_send(void *context, const lane_frame *frame) {
  (void)context;
  struct iovec parts[MAX_PIECES + 1];
  lane_header header = frame->header;
  size_t count = 0;
  parts[count++] = (struct iovec){&header, sizeof header};
  for (uint64_t i = 0; i < frame->count && i < MAX_PIECES; i++)
    parts[count++] = (struct iovec){(void *)frame->pieces[i].ptr, frame->pieces[i].len};
  pthread_mutex_lock(&output_mutex);
  send_all(parts, count);
  pthread_mutex_unlock(&output_mutex);
}

void output_confined(const char *report, uint32_t length) {
  uint8_t head[5] = {LANE_SANDBOX};
  memcpy(head + 1, &length, sizeof length);
  lane_piece pieces[] = {{head, sizeof head}, {report, length}};
  lane_frame frame = {{(uint32_t)sizeof head + length, LANE_CONFINED, 0, 0, 0}, pieces, 2};
  output_send(NULL, &frame);
}

void output_refuse(const lane_problem *problem) {
  uint64_t code = (uint64_t)problem->code;
  uint32_t length = (uint32_t)strlen(problem->text);
  uint8_t heads[9 + 5] = {LANE_CODE};
  memcpy(heads + 1, &code, sizeof code);
  heads[9] = LANE_TEXT;
  memcpy(heads + 10, &length, sizeof length);
  lane_piece pieces[] = {{heads, sizeof heads}, {problem->text, length}};
  lane_frame frame = {{(uint32_t)sizeof heads + length, LANE_REFUSED, 0, 0, 0}, pieces, 2};
  output_send(NULL, &frame);
}
