#define _GNU_SOURCE
#include "http.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_REQUEST = 1 << 20, MAX_EVENTS = 64 };

typedef struct client {
  int fd;
  bool streamed;
  size_t used, size;
  char *bytes;
  /* When the answer is due; clients that wait are a list in this order, since the delay is the same for all. */
  uint64_t due_ns;
  struct client *next;
} client;

typedef struct upstream {
  int listener, poll;
  uint64_t delay_ns;
  client *first, *last;
  char document[1024], events[1024];
} upstream;

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

#define USAGE "\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":3,\"total_tokens\":15}"
#define HEAD "\"id\":\"chatcmpl-1\",\"created\":1,\"model\":\"bench-model\""

static void prepare(upstream *up) {
  const char *document = "{" HEAD ",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
                         "\"assistant\",\"content\":\"four and five\"},\"finish_reason\":\"stop\"}]," USAGE "}";
  const char *events = "data: {" HEAD ",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":"
                       "{\"role\":\"assistant\",\"content\":\"four and five\"},\"finish_reason\":\"stop\"}]}\n\n"
                       "data: {" HEAD ",\"object\":\"chat.completion.chunk\",\"choices\":[]," USAGE "}\n\n"
                       "data: [DONE]\n\n";
  const char *format = "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s";
  snprintf(up->document, sizeof up->document, format, "application/json", strlen(document), document);
  snprintf(up->events, sizeof up->events, format, "text/event-stream", strlen(events), events);
}

static void drop(client *one) {
  close(one->fd);
  free(one->bytes);
  free(one);
}

static void answer(const upstream *up, client *one) {
  const char *text = one->streamed ? up->events : up->document;
  size_t length = strlen(text);
  /* An answer of some hundred bytes fits into the socket's buffer; a client that left is noticed when it is read. */
  if (send(one->fd, text, length, MSG_NOSIGNAL) != (ssize_t)length) shutdown(one->fd, SHUT_RDWR);
}

/* Bytes of the first request in the buffer, 0 when it is not whole yet. */
static size_t whole(const client *one) {
  const char *end = memmem(one->bytes, one->used, "\r\n\r\n", 4);
  if (!end) return 0;
  size_t head = (size_t)(end - one->bytes) + 4, body = 0;
  for (const char *line = one->bytes; line < end; line++) {
    if (*line == '\n' && strncasecmp(line + 1, "content-length:", 15) == 0) body = strtoul(line + 16, NULL, 10);
  }
  return one->used >= head + body ? head + body : 0;
}

static void take(upstream *up, client *one) {
  size_t length;
  while ((length = whole(one)) > 0) {
    one->streamed = memmem(one->bytes, length, "\"stream\":true", 13) ||
                    memmem(one->bytes, length, "\"stream\": true", 14);
    memmove(one->bytes, one->bytes + length, one->used - length);
    one->used -= length;
    if (up->delay_ns == 0) {
      answer(up, one);
      continue;
    }
    one->due_ns = now_ns() + up->delay_ns;
    one->next = NULL;
    if (up->last) up->last->next = one;
    else up->first = one;
    up->last = one;
    /* A client sends its next request after the answer. */
    return;
  }
}

static bool is_waiting(const upstream *up, const client *one) {
  for (const client *each = up->first; each; each = each->next) {
    if (each == one) return true;
  }
  return false;
}

static void receive(upstream *up, client *one) {
  if (one->size - one->used < 4096 && one->size < MAX_REQUEST) {
    one->size *= 2;
    one->bytes = realloc(one->bytes, one->size);
  }
  ssize_t count = recv(one->fd, one->bytes + one->used, one->size - one->used, 0);
  if (count <= 0) {
    epoll_ctl(up->poll, EPOLL_CTL_DEL, one->fd, NULL);
    /* Who left while waiting is let go when its answer is due. */
    if (is_waiting(up, one)) one->size = 0;
    else drop(one);
    return;
  }
  one->used += (size_t)count;
  take(up, one);
}

static void accept_one(upstream *up) {
  int fd = accept4(up->listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) return;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  client *one = calloc(1, sizeof *one);
  one->fd = fd;
  one->size = 16384;
  one->bytes = malloc(one->size);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
  epoll_ctl(up->poll, EPOLL_CTL_ADD, fd, &event);
}

static int answer_due(upstream *up) {
  uint64_t now = now_ns();
  while (up->first && up->first->due_ns <= now) {
    client *one = up->first;
    up->first = one->next;
    if (!up->first) up->last = NULL;
    if (one->size == 0) drop(one);
    else answer(up, one);
  }
  return up->first ? (int)((up->first->due_ns - now + 999999) / 1000000) : -1;
}

static void *serve(void *argument) {
  upstream *up = argument;
  struct epoll_event ready[MAX_EVENTS];
  for (;;) {
    int count = epoll_wait(up->poll, ready, MAX_EVENTS, answer_due(up));
    for (int index = 0; index < count; index++) {
      if (ready[index].data.ptr) receive(up, ready[index].data.ptr);
      else accept_one(up);
    }
  }
  return NULL;
}

int32_t limit_http_upstream(uint32_t delay_ms) {
  upstream *up = calloc(1, sizeof *up);
  if (!up) return -1;
  up->delay_ns = (uint64_t)delay_ms * 1000000u;
  prepare(up);
  up->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  up->poll = epoll_create1(EPOLL_CLOEXEC);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  pthread_t thread;
  if (bind(up->listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(up->listener, 256) != 0 ||
      getsockname(up->listener, (struct sockaddr *)&address, &length) != 0 ||
      epoll_ctl(up->poll, EPOLL_CTL_ADD, up->listener, &event) != 0 ||
      pthread_create(&thread, NULL, serve, up) != 0) {
    close(up->listener);
    close(up->poll);
    free(up);
    return -1;
  }
  pthread_detach(thread);
  return ntohs(address.sin_port);
}
