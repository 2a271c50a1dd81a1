/* Several plugins in one process. The main thread reads the ring and passes each frame on to the lane that it is for;
 * each lane has a thread, so that a plugin that computes holds up nobody but itself. One plugin alone needs none of
 * this: its lane is the main thread. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "worker.h"

/* How much may wait for one lane; then the ring holds back the host, for all of them. */
#define MAX_WAITING_BYTES (LANE_MAX_BODY_BYTES + sizeof(lane_header))

/* Whole frames, one after the other. */
typedef struct batch {
  uint8_t *bytes;
  size_t used, capacity;
  size_t looked; /* up to here the pump has looked; of the lane's thread only */
} batch;

typedef struct member {
  lane *lane; /* null: its plugin was refused */
  pthread_t thread;
  batch now; /* what the lane is at; of its thread only */
  pthread_mutex_t mutex; /* guards all below */
  pthread_cond_t arrived, taken;
  batch later;
  bool is_roused, is_ended;
} member;

static member members[LANE_MAX_DESCRIPTORS];

static void rouse(void *context) {
  member *roused = context;
  pthread_mutex_lock(&roused->mutex);
  roused->is_roused = true;
  pthread_cond_signal(&roused->arrived);
  pthread_mutex_unlock(&roused->mutex);
}

/* Marks the calls that were cancelled. True when a ping is among the frames. */
static bool look(lane *lane, batch *batch) {
  bool is_asked = false;
  while (batch->looked < batch->used) {
    lane_header header;
    memcpy(&header, batch->bytes + batch->looked, sizeof header);
    if (header.kind == LANE_CANCEL) lane_mark_cancelled(lane, header.call);
    is_asked = is_asked || header.kind == LANE_PING;
    batch->looked += sizeof header + header.length;
  }
  return is_asked;
}

/* Inside a callback. Answers a ping at once: the plugin is busy, but alive. Answering again later is harmless. */
static void pump(void *context) {
  member *own = context;
  bool is_asked = look(own->lane, &own->now);
  pthread_mutex_lock(&own->mutex);
  is_asked = look(own->lane, &own->later) || is_asked;
  pthread_mutex_unlock(&own->mutex);
  static const lane_header ping = {.kind = LANE_PING};
  if (is_asked) lane_dispatch(own->lane, &ping, NULL);
}

lane_sink lanes_sink(uint16_t number) { return (lane_sink){&members[number], output_send, rouse, pump}; }

/* Makes what waits the batch of now. False when nothing more will come. */
static bool take(member *own, bool wait) {
  own->now.used = 0;
  pthread_mutex_lock(&own->mutex);
  while (wait && own->later.used == 0 && !own->is_roused && !own->is_ended)
    pthread_cond_wait(&own->arrived, &own->mutex);
  const bool goes_on = own->later.used > 0 || !own->is_ended;
  const batch emptied = own->now;
  own->now = own->later;
  own->later = emptied;
  own->is_roused = false;
  pthread_cond_signal(&own->taken);
  pthread_mutex_unlock(&own->mutex);
  return goes_on;
}

static void *run(void *context) {
  member *own = context;
  bool more = false;
  crash_guard_thread();
  while (take(own, !more)) {
    for (size_t at = 0; at < own->now.used;) {
      lane_header header;
      memcpy(&header, own->now.bytes + at, sizeof header);
      /* From here on anew: a cancel may have been looked at before its call began. */
      own->now.looked = at + sizeof header + header.length;
      own->later.looked = 0;
      if (lane_dispatch(own->lane, &header, own->now.bytes + at + sizeof header) < 0) _exit(LANE_WORKER_EXIT_BROKEN);
      lane_run_wakes(own->lane);
      at += sizeof header + header.length;
    }
    more = lane_run_wakes(own->lane);
  }
  return NULL;
}

bool lanes_start(uint16_t number, lane *lane) {
  member *fresh = &members[number];
  pthread_mutex_init(&fresh->mutex, NULL);
  pthread_cond_init(&fresh->arrived, NULL);
  pthread_cond_init(&fresh->taken, NULL);
  fresh->lane = lane;
  if (pthread_create(&fresh->thread, NULL, run, fresh) != 0) {
    fresh->lane = NULL;
    return false;
  }
  /* For people who look at the process, and in crash reports. */
  char name[16];
  const bureau_entry *entry = lane_entry(lane);
  snprintf(name, sizeof name, "%.*s", (int)(entry->id.len < 15 ? entry->id.len : 15), entry->id.ptr);
  pthread_setname_np(fresh->thread, name);
  return true;
}

static void reserve(batch *batch, size_t more) {
  if (batch->capacity - batch->used >= more) return;
  size_t capacity = batch->capacity ? batch->capacity : 65536;
  while (capacity - batch->used < more) capacity *= 2;
  batch->bytes = realloc(batch->bytes, capacity);
  if (!batch->bytes) _exit(1);
  batch->capacity = capacity;
}

static void pass_on(member *member, const lane_header *header, const uint8_t *body) {
  const size_t size = sizeof *header + header->length;
  batch *later = &member->later;
  pthread_mutex_lock(&member->mutex);
  while (later->used > 0 && later->used + size > MAX_WAITING_BYTES) pthread_cond_wait(&member->taken, &member->mutex);
  reserve(later, size);
  memcpy(later->bytes + later->used, header, sizeof *header);
  memcpy(later->bytes + later->used + sizeof *header, body, header->length);
  later->used += size;
  pthread_cond_signal(&member->arrived);
  pthread_mutex_unlock(&member->mutex);
}

static void end(member *member) {
  pthread_mutex_lock(&member->mutex);
  member->is_ended = true;
  pthread_cond_signal(&member->arrived);
  pthread_mutex_unlock(&member->mutex);
}

int lanes_route(input *input) {
  do {
    lane_header header;
    const uint8_t *body;
    while (input_next(input, &header, &body)) {
      if (header.lane >= LANE_MAX_DESCRIPTORS) return LANE_WORKER_EXIT_BROKEN;
      member *member = &members[header.lane];
      if (!member->lane) continue; /* refused, which the host may not have read yet */
      pass_on(member, &header, body);
    }
  } while (input_fill(input, true));
  for (uint32_t i = 0; i < LANE_MAX_DESCRIPTORS; i++)
    if (members[i].lane) end(&members[i]);
  for (uint32_t i = 0; i < LANE_MAX_DESCRIPTORS; i++)
    if (members[i].lane) pthread_join(members[i].thread, NULL);
  return 0;
}
