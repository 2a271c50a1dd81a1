#define _GNU_SOURCE
#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Thousands of WebSockets in one thread. Frames from the host are short and come whole or nearly so: of each connection
   only the bytes of an unfinished frame are kept. */

enum { buffer_bytes = 2048 };

struct one {
  int fd;
  uint32_t have;
  uint64_t heard;
  uint8_t bytes[buffer_bytes];
};

struct limit_sockets {
  int epoll;
  uint32_t count;
  uint16_t port;
  struct one *all;
};

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int dial(uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1, small = 8192;
  if (fd < 0) return -1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

static int send_all(int fd, const void *bytes, size_t count) {
  const char *at = bytes;
  while (count > 0) {
    ssize_t sent = send(fd, at, count, MSG_NOSIGNAL);
    if (sent <= 0) return -1;
    at += sent;
    count -= (size_t)sent;
  }
  return 0;
}

/* Takes whole frames off the front; returns how many of them tell of an event. */
static uint32_t take_frames(struct one *one) {
  uint32_t events = 0, at = 0;
  while (one->have - at >= 2) {
    uint32_t size = one->bytes[at + 1] & 0x7f, head = 2;
    if (size == 126) {
      if (one->have - at < 4) break;
      size = (uint32_t)one->bytes[at + 2] << 8 | one->bytes[at + 3];
      head = 4;
    }
    if (one->have - at < head + size) break;
    if (memmem(one->bytes + at + head, size, "\"type\":\"event\"", 14)) events++;
    at += head + size;
  }
  memmove(one->bytes, one->bytes + at, one->have - at);
  one->have -= at;
  return events;
}

static int open_one(struct limit_sockets *sockets, struct one *one) {
  static const char request[] =
      "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
  /* {"type":"subscribe","channel":"events"}, masked with zeros. */
  static const char text[] = "{\"type\":\"subscribe\",\"channel\":\"events\"}";
  char frame[6 + sizeof text] = {(char)0x81, (char)(0x80 | (sizeof text - 1))};
  memcpy(frame + 6, text, sizeof text - 1);
  one->fd = dial(sockets->port);
  if (one->fd < 0 || send_all(one->fd, request, sizeof request - 1) != 0) return -1;
  char head[2048];
  size_t have = 0;
  char *end = NULL;
  while (end == NULL) {
    ssize_t got = recv(one->fd, head + have, sizeof head - 1 - have, 0);
    if (got <= 0) return -1;
    have += (size_t)got;
    head[have] = 0;
    end = strstr(head, "\r\n\r\n");
  }
  if (strncmp(head, "HTTP/1.1 101", 12) != 0) return -1;
  size_t rest = have - (size_t)(end + 4 - head);
  memcpy(one->bytes, end + 4, rest);
  one->have = (uint32_t)rest;
  if (send_all(one->fd, frame, 6 + sizeof text - 1) != 0) return -1;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
  return epoll_ctl(sockets->epoll, EPOLL_CTL_ADD, one->fd, &event);
}

struct limit_sockets *limit_sockets_open(uint16_t port, uint32_t count) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  struct limit_sockets *sockets = calloc(1, sizeof *sockets);
  sockets->epoll = epoll_create1(EPOLL_CLOEXEC);
  sockets->port = port;
  sockets->all = calloc(count, sizeof *sockets->all);
  for (; sockets->count < count; sockets->count++) {
    if (open_one(sockets, &sockets->all[sockets->count]) != 0) {
      limit_sockets_close(sockets);
      return NULL;
    }
  }
  return sockets;
}

int limit_sockets_broadcast(
    struct limit_sockets *sockets, const char *request, uint32_t rounds, double *milliseconds) {
  struct epoll_event ready[512];
  for (uint32_t round = 0; round < rounds; round++) {
    /* What was said before this round does not count. */
    for (int count; (count = epoll_wait(sockets->epoll, ready, 512, 300)) > 0;) {
      for (int index = 0; index < count; index++) {
        struct one *one = ready[index].data.ptr;
        ssize_t got = recv(one->fd, one->bytes + one->have, buffer_bytes - one->have, MSG_DONTWAIT);
        if (got == 0) return -1;
        if (got > 0) one->have += (uint32_t)got;
        take_frames(one);
      }
    }
    for (uint32_t index = 0; index < sockets->count; index++) sockets->all[index].heard = 0;
    int fd = dial(sockets->port);
    if (fd < 0) return -1;
    double start = now_ms();
    if (send_all(fd, request, strlen(request)) != 0) return -1;
    uint32_t heard = 0;
    while (heard < sockets->count) {
      int count = epoll_wait(sockets->epoll, ready, 512, 30000);
      if (count <= 0) {
        close(fd);
        return -1;
      }
      for (int index = 0; index < count; index++) {
        struct one *one = ready[index].data.ptr;
        ssize_t got = recv(one->fd, one->bytes + one->have, buffer_bytes - one->have, MSG_DONTWAIT);
        if (got == 0) return -1;
        if (got < 0) continue;
        one->have += (uint32_t)got;
        uint32_t events = take_frames(one);
        if (events > 0 && one->heard == 0) {
          milliseconds[round * sockets->count + heard] = now_ms() - start;
          heard++;
        }
        one->heard += events;
      }
    }
    close(fd);
  }
  return 0;
}

void limit_sockets_close(struct limit_sockets *sockets) {
  for (uint32_t index = 0; index < sockets->count; index++) close(sockets->all[index].fd);
  close(sockets->epoll);
  free(sockets->all);
  free(sockets);
}
