/* limits.h: the machine's own limits, measured in plain C, to which the bench compares the host. */
#ifndef BUREAU_LIMITS_H
#define BUREAU_LIMITS_H

#include <stdint.h>

/* Nanoseconds of one call through a function pointer. */
double limit_call_ns(uint64_t calls);

/* Nanoseconds of one task of `plugin` on a bare lane: begin, arena_alloc and complete, without any host behind it;
 * negative when the plugin cannot be loaded. */
double limit_inline_task_ns(const char *plugin, const char *task, uint64_t count);

/* Median microseconds of one `bytes` round trip over a socket pair between two processes, with `pause_us` before
 * each; negative on error. */
double limit_socketpair_us(uint32_t rounds, uint32_t bytes, uint32_t pause_us);

/* Mean microseconds of one `bytes` round trip through the host's own shared ring, between two threads that do
 * nothing else; negative on error. */
double limit_ring_us(uint32_t rounds, uint32_t bytes);

/* Median microseconds from posix_spawn of `path` (which exits at once) to its end; negative on error. */
double limit_spawn_us(const char *path, uint32_t rounds);

/* Durable steps a second of SQLite alone (WAL, synchronous=FULL): a fenced run update, a 2 KB journal row and a
 * 200 B event for each step, `group` steps a commit, for `seconds`; negative on error. */
double limit_sqlite_steps_per_second(const char *path, uint32_t group, double seconds);

/* Durable rows a second of SQLite alone (WAL, synchronous=FULL): an index, 32 bytes and `bytes` bytes each, `group` a
 * commit, for so many groups; the 99th percentile of a group's milliseconds; negative on error. */
double limit_sqlite_leaves_per_second(const char *path, uint32_t group, uint32_t bytes, uint32_t groups,
                                      double *p99_ms);

#endif
