#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker.h"

static pthread_mutex_t output_mutex = PTHREAD_MUTEX_INITIALIZER;
static lane_ring *output_ring;

void output_open(lane_ring *ring) { output_ring = ring; }

/* Blocks while the host does not read: that is the back-pressure. */
static void put(const void *bytes, uint64_t length) {
  const uint8_t *rest = bytes;
  while (length > 0) {
    int64_t count = lane_ring_put(output_ring, rest, length);
    if (count < 0) _exit(LANE_WORKER_EXIT_BROKEN);
    rest += count;
    length -= (uint64_t)count;
    if (length == 0) return;
    lane_ring_publish(output_ring);
    if (lane_ring_await_room(output_ring) == LANE_RING_ENDED) _exit(0);
  }
}

void output_send(void *context, const lane_frame *frame) {
  (void)context;
  pthread_mutex_lock(&output_mutex);
  put(&frame->header, sizeof frame->header);
  for (uint64_t i = 0; i < frame->count; i++) put(frame->pieces[i].ptr, frame->pieces[i].len);
  lane_ring_publish(output_ring);
  pthread_mutex_unlock(&output_mutex);
}

void output_confined(const char *report, uint32_t length) {
  uint8_t field[5] = {LANE_SANDBOX};
  memcpy(field + 1, &length, sizeof length);
  lane_header header = {(uint32_t)sizeof field + length, LANE_CONFINED, 0, 0, 0};
  struct iovec parts[] = {{&header, sizeof header}, {field, sizeof field}, {(void *)report, length}};
  const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};
  /* Small, and the first: the socket takes it whole. */
  ssize_t sent = sendmsg(LANE_WORKER_SOCKET, &message, MSG_NOSIGNAL);
  if (sent != (ssize_t)(sizeof header + sizeof field + length)) _exit(LANE_WORKER_EXIT_BROKEN);
}

void output_refuse(uint16_t lane, const lane_problem *problem) {
  uint64_t code = (uint64_t)problem->code;
  uint32_t length = (uint32_t)strlen(problem->text);
  uint8_t heads[9 + 5] = {LANE_CODE};
  memcpy(heads + 1, &code, sizeof code);
  heads[9] = LANE_TEXT;
  memcpy(heads + 10, &length, sizeof length);
  lane_piece pieces[] = {{heads, sizeof heads}, {problem->text, length}};
  lane_frame frame = {{(uint32_t)sizeof heads + length, LANE_REFUSED, lane, 0, 0}, pieces, 2};
  output_send(NULL, &frame);
}
