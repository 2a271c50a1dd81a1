#define _GNU_SOURCE
#include "http.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ANSWER = 1 << 16, MAX_SAMPLES = 4 << 20 };

typedef struct connection {
  int fd;
  size_t used;
  double sent;
  char bytes[MAX_ANSWER];
} connection;

typedef struct load {
  const char *request;
  size_t length;
  int poll;
  double from, until;
  double *samples;
  limit_http_result *result;
} load;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool is_whole(const connection *one) {
  const char *end = memmem(one->bytes, one->used, "\r\n\r\n", 4);
  if (!end) return false;
  size_t head = (size_t)(end - one->bytes) + 4;
  for (const char *line = one->bytes; line < end; line++) {
    if (*line != '\n') continue;
    if (strncasecmp(line + 1, "content-length:", 15) == 0) {
      return one->used >= head + strtoul(line + 16, NULL, 10);
    }
    if (strncasecmp(line + 1, "transfer-encoding: chunked", 26) == 0) {
      return one->used >= head + 5 && memcmp(one->bytes + one->used - 5, "0\r\n\r\n", 5) == 0;
    }
  }
  return false;
}

static bool send_request(load *load, connection *one) {
  one->used = 0;
  one->sent = now();
  return send(one->fd, load->request, load->length, MSG_NOSIGNAL) == (ssize_t)load->length;
}

/* False when the connection is of no more use. */
static bool receive(load *load, connection *one) {
  if (one->used == MAX_ANSWER) return false;
  ssize_t count = recv(one->fd, one->bytes + one->used, MAX_ANSWER - one->used, 0);
  if (count <= 0) return false;
  one->used += (size_t)count;
  if (!is_whole(one)) return true;
  double ended = now();
  bool succeeded = one->used > 12 && memcmp(one->bytes + 9, "200", 3) == 0;
  if (one->sent >= load->from && ended <= load->until) {
    limit_http_result *result = load->result;
    if (!succeeded) result->failed++;
    else if (result->completed < MAX_SAMPLES) load->samples[result->completed++] = (ended - one->sent) * 1e6;
  }
  return ended >= load->until || send_request(load, one);
}

static int ascending(const void *left, const void *right) {
  double first = *(const double *)left, second = *(const double *)right;
  return (first > second) - (first < second);
}

static bool open_connection(load *load, uint16_t port, connection *one) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  one->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (one->fd < 0) return false;
  setsockopt(one->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
  return connect(one->fd, (struct sockaddr *)&address, sizeof address) == 0 &&
         epoll_ctl(load->poll, EPOLL_CTL_ADD, one->fd, &event) == 0 && send_request(load, one);
}

static void drive(load *load) {
  struct epoll_event ready[64];
  while (now() < load->until) {
    int count = epoll_wait(load->poll, ready, 64, 100);
    for (int index = 0; index < count; index++) {
      connection *one = ready[index].data.ptr;
      if (receive(load, one)) continue;
      load->result->failed++;
      epoll_ctl(load->poll, EPOLL_CTL_DEL, one->fd, NULL);
    }
  }
}

int32_t limit_http_load(uint16_t port, const char *request, size_t length, uint32_t connections,
                        double warm_seconds, double seconds, limit_http_result *result) {
  memset(result, 0, sizeof *result);
  double start = now();
  load load = {.request = request,
               .length = length,
               .poll = epoll_create1(EPOLL_CLOEXEC),
               .from = start + warm_seconds,
               .until = start + warm_seconds + seconds,
               .samples = malloc(MAX_SAMPLES * sizeof(double)),
               .result = result};
  connection *all = calloc(connections, sizeof *all);
  int32_t status = load.poll < 0 || !load.samples || !all ? -1 : 0;
  uint32_t opened = 0;
  while (status == 0 && opened < connections) {
    if (!open_connection(&load, port, &all[opened++])) status = -1;
  }
  if (status == 0) {
    drive(&load);
    result->seconds = seconds;
    qsort(load.samples, result->completed, sizeof(double), ascending);
    if (result->completed > 0) {
      result->p50_us = load.samples[result->completed / 2];
      result->p99_us = load.samples[result->completed * 99 / 100];
    }
  }
  for (uint32_t index = 0; index < opened; index++) close(all[index].fd);
  close(load.poll);
  free(load.samples);
  free(all);
  return status;
}
