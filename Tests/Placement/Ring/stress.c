/* stress.c: both sides of a ring in one process, with several producers each. Every frame has a random size, and
 * says who sent it and as which; the readers check every byte and the order. Exits with 0, or says what was wrong.
 *
 *     stress SEED
 */
#define _GNU_SOURCE
#include <clane/ring.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PRODUCERS 3u
#define FRAMES 1500u
#define LARGEST (3u * LANE_RING_BYTES / 2u)

typedef struct frame {
  uint32_t length, producer, number;
} frame;

typedef struct side {
  lane_ring *ring;
  bool is_host;
  pthread_mutex_t producing; /* one at a time, a whole frame long */
  pthread_mutex_t mutex;     /* guards what follows */
  pthread_cond_t rung;
  uint64_t bells;
  bool has_all;
} side;

typedef struct job {
  side *side;
  uint32_t producer;
  uint64_t random;
} job;

#define SIDE(host) \
  {.is_host = host, .producing = PTHREAD_MUTEX_INITIALIZER, .mutex = PTHREAD_MUTEX_INITIALIZER, \
   .rung = PTHREAD_COND_INITIALIZER}
static side host = SIDE(true), worker = SIDE(false);

static void fail(const char *what) {
  fprintf(stderr, "stress: %s\n", what);
  _exit(1);
}

static uint64_t next(uint64_t *state) {
  *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17;
  return *state;
}

static uint8_t pattern(const frame *frame, uint32_t at) {
  return (uint8_t)(frame->producer * 31 + frame->number * 7 + at);
}

static uint64_t bells(side *side) {
  pthread_mutex_lock(&side->mutex);
  uint64_t count = side->bells;
  pthread_mutex_unlock(&side->mutex);
  return count;
}

/* The host must not block in the ring: it waits until its reader was woken. */
static void put(side *side, const uint8_t *bytes, uint64_t length) {
  while (length > 0) {
    uint64_t before = bells(side);
    int64_t count = lane_ring_put(side->ring, bytes, length);
    if (count < 0) fail("an honest index was refused");
    lane_ring_publish(side->ring);
    bytes += count;
    length -= (uint64_t)count;
    if (length == 0) return;
    if (!side->is_host) {
      if (lane_ring_await_room(side->ring) != LANE_RING_READY) fail("the socket ended");
    } else if (!lane_ring_want_room(side->ring)) {
      pthread_mutex_lock(&side->mutex);
      while (side->bells == before) pthread_cond_wait(&side->rung, &side->mutex);
      pthread_mutex_unlock(&side->mutex);
    }
  }
}

static void *produce(void *context) {
  job *job = context;
  uint8_t *body = malloc(LARGEST);
  if (!body) fail("no memory");
  for (uint32_t number = 0; number < FRAMES; number++) {
    uint64_t random = next(&job->random);
    uint32_t most = random % 100 == 0 ? LARGEST : random % 7 == 0 ? 9000 : 200;
    frame head = {(uint32_t)(random >> 32) % most, job->producer, number};
    for (uint32_t i = 0; i < head.length; i++) body[i] = pattern(&head, i);
    pthread_mutex_lock(&job->side->producing);
    put(job->side, (const uint8_t *)&head, sizeof head);
    put(job->side, body, head.length);
    pthread_mutex_unlock(&job->side->producing);
    if (random % 13 == 0) sched_yield();
    if (random % 211 == 0) usleep(random % 400);
  }
  free(body);
  return NULL;
}

typedef struct reading {
  side *side;
  uint8_t chunk[9000];
  uint64_t used, at, random;
} reading;

/* Waits; false at the end of the socket. */
static bool await(side *side) {
  int found = lane_ring_await(side->ring, 1);
  pthread_mutex_lock(&side->mutex);
  side->bells++;
  pthread_cond_broadcast(&side->rung);
  pthread_mutex_unlock(&side->mutex);
  if (found == LANE_RING_BROKEN) fail("an honest bell was refused");
  return found == LANE_RING_READY;
}

static uint8_t take(reading *reading) {
  while (reading->at == reading->used) {
    uint64_t most = 1 + next(&reading->random) % sizeof reading->chunk;
    int64_t count = lane_ring_read(reading->side->ring, reading->chunk, most);
    if (count < 0) fail("an honest tail was refused");
    reading->at = 0;
    reading->used = (uint64_t)count;
    if (count == 0 && !await(reading->side)) fail("the socket ended");
  }
  return reading->chunk[reading->at++];
}

static void *consume(void *context) {
  job *job = context;
  static _Thread_local reading state;
  state.side = job->side;
  state.random = job->random;
  uint32_t expected[PRODUCERS] = {0};
  for (uint32_t i = 0; i < PRODUCERS * FRAMES; i++) {
    frame head;
    for (size_t at = 0; at < sizeof head; at++) ((uint8_t *)&head)[at] = take(&state);
    if (head.producer >= PRODUCERS || head.length >= LARGEST) fail("a head was torn");
    if (head.number != expected[head.producer]++) fail("a frame is out of order");
    for (uint32_t at = 0; at < head.length; at++)
      if (take(&state) != pattern(&head, at)) fail("a byte is wrong");
  }
  pthread_mutex_lock(&job->side->mutex);
  job->side->has_all = true;
  pthread_cond_broadcast(&job->side->rung);
  pthread_mutex_unlock(&job->side->mutex);
  /* The host's producers need its reader to the end. */
  while (await(job->side)) continue;
  return NULL;
}

int main(int count, char **arguments) {
  uint64_t seed = count > 1 ? strtoull(arguments[1], NULL, 10) : 1;
  if (seed == 0) seed = 1;
  int sockets[2], memory;
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0) fail("no socket pair");
  if (lane_ring_create(sockets[0], &host.ring, &memory) < 0) fail("no ring");
  worker.ring = lane_ring_open(sockets[1], memory);
  if (!worker.ring) fail("the ring cannot be opened");
  pthread_t threads[2 * PRODUCERS + 2];
  job jobs[2 * PRODUCERS + 2];
  for (uint32_t i = 0; i < 2 * PRODUCERS + 2; i++) {
    jobs[i] = (job){i % 2 ? &host : &worker, i / 2, next(&seed)};
    void *(*body)(void *) = i < 2 * PRODUCERS ? produce : consume;
    if (pthread_create(&threads[i], NULL, body, &jobs[i])) fail("no thread");
  }
  side *sides[] = {&host, &worker};
  for (int i = 0; i < 2; i++) {
    pthread_mutex_lock(&sides[i]->mutex);
    while (!sides[i]->has_all) pthread_cond_wait(&sides[i]->rung, &sides[i]->mutex);
    pthread_mutex_unlock(&sides[i]->mutex);
  }
  shutdown(sockets[0], SHUT_RDWR);
  lane_ring_finish(host.ring);
  for (uint32_t i = 0; i < 2 * PRODUCERS + 2; i++) pthread_join(threads[i], NULL);
  lane_ring_close(host.ring);
  lane_ring_close(worker.ring);
  return 0;
}
