/* http.h: a model server and a load generator that cost as little as they can, so that what is measured between them
 * is what lies between them. Both speak HTTP/1.1 on loopback with kept connections. */
#ifndef BUREAU_LIMITS_HTTP_H
#define BUREAU_LIMITS_HTTP_H

#include <stddef.h>
#include <stdint.h>

/* Starts a chat completions server on a thread that lives as long as the process: every call is answered with the same
 * text and usage (12 in, 3 out) after `delay_ms`, as events if it asks for a stream. Returns its port, negative on
 * error. */
int32_t limit_http_upstream(uint32_t delay_ms);

typedef struct limit_http_result {
  uint64_t completed;
  /* Answers with another status than 200, and connections that broke. */
  uint64_t failed;
  double seconds;
  double p50_us;
  double p99_us;
} limit_http_result;

/* Sends `request`, whole and as it is, again and again over `connections`, each waiting for its answer; for
 * `warm_seconds` without counting, then for `seconds`. Negative when no connection can be made. */
int32_t limit_http_load(uint16_t port, const char *request, size_t length, uint32_t connections,
                        double warm_seconds, double seconds, limit_http_result *result);

#endif
