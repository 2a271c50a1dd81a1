#define _GNU_SOURCE
#include <clane/ring.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "limits.h"

/* The worker's side: sends back what it reads, until the socket ends. */
static void *echo(void *context) {
  lane_ring *ring = context;
  char buffer[4096];
  for (;;) {
    int64_t count = lane_ring_read(ring, buffer, sizeof buffer);
    if (count > 0) {
      lane_ring_put(ring, buffer, (uint64_t)count);
      lane_ring_publish(ring);
    } else if (lane_ring_await(ring, 1) != LANE_RING_READY) {
      return NULL;
    }
  }
}

double limit_ring_us(uint32_t rounds, uint32_t bytes) {
  int pair[2], memory;
  lane_ring *host, *worker;
  char buffer[4096] = {0};
  if (bytes > sizeof buffer || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) return -1;
  if (lane_ring_create(pair[0], &host, &memory)) return -1;
  worker = lane_ring_open(pair[1], memory);
  pthread_t thread;
  if (!worker || pthread_create(&thread, NULL, echo, worker)) return -1;
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (uint32_t i = 0; i < rounds; i++) {
    lane_ring_put(host, buffer, bytes);
    lane_ring_publish(host);
    for (uint64_t done = 0; done < bytes;) {
      int64_t count = lane_ring_read(host, buffer, bytes - done);
      if (count > 0) done += (uint64_t)count;
      else lane_ring_await(host, 1);
    }
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  lane_ring_finish(host);
  pthread_join(thread, NULL);
  lane_ring_close(host);
  lane_ring_close(worker);
  close(pair[0]);
  close(pair[1]);
  return ((double)(end.tv_sec - start.tv_sec) * 1e6 + (double)(end.tv_nsec - start.tv_nsec) / 1e3) / rounds;
}
