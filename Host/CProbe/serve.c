/* One plugin, one frame at a time. */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "internal.h"

#define BROKEN 70

uint64_t probe_flags;

static int wake_descriptor = -1;
static int (*seal)(void);
static lane *open_lane;
static lane_entry_function entry_function;

static void wake(void *context) {
  (void)context;
  const uint64_t one = 1;
  while (write(wake_descriptor, &one, sizeof one) < 0 && errno == EINTR) continue;
}

static void refuse(const lane_problem *problem) {
  message message;
  message_start(&message, LANE_REFUSED);
  message_number(&message, LANE_CODE, (uint64_t)problem->code);
  message_text(&message, LANE_TEXT, problem->text, strlen(problem->text));
  lane_piece piece = {message.bytes, message.used};
  frames_send(NULL, &(lane_frame){{message.used, LANE_REFUSED, 0, 0, 0}, &piece, 1});
}

static void hello(const lane_header *header, const uint8_t *body, int file) {
  probe_flags = field_number(body, header->length, PROBE_TAG_FLAGS);
  if (!(probe_flags & PROBE_IN_PROCESS)) {
    /* One arena: what a plugin's threads allocate is counted too. */
    mallopt(M_ARENA_MAX, 1);
    memory_watch_faults();
  }
  lane_problem problem;
  uint64_t start = nanoseconds();
  entry_function = lane_load_entry(file, &problem);
  uint64_t time = nanoseconds() - start;
  if (!entry_function) return refuse(&problem);
  if (seal && seal() < 0) {
    snprintf(problem.text, sizeof problem.text, "a thread that it started while it was loaded cannot be confined");
    problem.code = LANE_PROBLEM_LOAD;
    return refuse(&problem);
  }
  wrap_entry(entry_function);
  message message;
  message_start(&message, PROBE_LOADED);
  message_number(&message, PROBE_TAG_NANOSECONDS, time);
  message_send(&message);
}

static void open_it(void) {
  const lane_sink sink = {NULL, frames_send, wake, NULL};
  const lane_options options = {"bureau", "1.0.0", BUREAU_LOG_DEBUG, 0};
  lane_problem problem;
  open_lane = lane_open(wrapped_entry, &sink, &options, &problem);
  if (open_lane) lane_send_ready(open_lane);
  else refuse(&problem);
}

/* 0, or -1 for a frame that has no place here. */
static int handle(const lane_header *header, const uint8_t *body, int file) {
  switch (header->kind) {
    case PROBE_HELLO: return file < 0 ? -1 : (hello(header, body, file), 0);
    case PROBE_ASK: return !entry_function ? -1 : (question_entry(entry_function, header, body), 0);
    case PROBE_OPEN: return !entry_function ? -1 : (open_it(), 0);
    case PROBE_MEASURE: return (question_measure(), 0);
    default: break;
  }
  if (!open_lane) return -1;
  if (header->kind >= PROBE_EXTENSION && header->kind <= PROBE_HEALTH) {
    question_ask(open_lane, header, body);
    return 0;
  }
  if (header->kind == LANE_CREATE) wrap_expect(header->op);
  return lane_dispatch(open_lane, header, body);
}

static int kind_of(uint16_t frame) {
  return frame == LANE_CREATE  ? PROBE_MEMORY_CONFIGURATION
         : frame == LANE_BEGIN ? PROBE_MEMORY_TASK
         : frame == LANE_EVENT ? PROBE_MEMORY_EVENT
                               : PROBE_MEMORY_OTHER;
}

/* 1 for more, 0 at the end, -1 for a frame that has no place here. */
static int one_frame(void) {
  lane_header header;
  int file = -1;
  if (!frames_receive(&header, sizeof header, &file)) return 0;
  if (header.length > LANE_MAX_BODY_BYTES) return -1;
  uint8_t *body = memory_body(header.length);
  if (!body || (header.length && !frames_receive(body, header.length, &file))) return 0;
  memory_lend(body, kind_of(header.kind));
  int result = handle(&header, body, file);
  memory_take_back(body);
  return result < 0 ? -1 : 1;
}

int probe_serve(int socket, int (*seal_process)(void)) {
  seal = seal_process;
  frames_use(socket);
  wake_descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_descriptor < 0) return BROKEN;
  struct pollfd sources[2] = {{socket, POLLIN, 0}, {wake_descriptor, POLLIN, 0}};
  for (;;) {
    bool more = open_lane && lane_run_wakes(open_lane);
    sources[0].revents = sources[1].revents = 0;
    if (poll(sources, 2, more ? 0 : -1) < 0 && errno != EINTR) return BROKEN;
    uint64_t count;
    if (sources[1].revents && read(wake_descriptor, &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR)
      return BROKEN;
    int state = sources[0].revents ? one_frame() : 1;
    if (state <= 0) return state == 0 ? 0 : BROKEN;
  }
}
