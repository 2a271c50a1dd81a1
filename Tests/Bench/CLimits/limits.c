#define _GNU_SOURCE
#include "limits.h"

#include <spawn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, uint32_t count) {
  qsort(values, count, sizeof *values, by_value);
  return values[count / 2];
}

static uint64_t add(uint64_t a, uint64_t b) { return a + b; }

double limit_call_ns(uint64_t calls) {
  uint64_t (*volatile function)(uint64_t, uint64_t) = add;
  volatile uint64_t sum = 0;
  double start = now_us();
  for (uint64_t i = 0; i < calls; i++) sum = function(sum, i);
  return (now_us() - start) * 1e3 / (double)calls;
}

static int whole(int fd, char *buffer, size_t size, int writing) {
  for (size_t done = 0; done < size;) {
    ssize_t n = writing ? write(fd, buffer + done, size - done) : read(fd, buffer + done, size - done);
    if (n <= 0) return -1;
    done += (size_t)n;
  }
  return 0;
}

/* The other end is cat(1): a process that reads and writes and does nothing else. */
static pid_t spawn_echo(int socket) {
  posix_spawn_file_actions_t actions;
  char *const arguments[] = {"/bin/cat", NULL};
  pid_t child = -1;
  if (posix_spawn_file_actions_init(&actions)) return -1;
  posix_spawn_file_actions_adddup2(&actions, socket, 0);
  posix_spawn_file_actions_adddup2(&actions, socket, 1);
  if (posix_spawn(&child, arguments[0], &actions, NULL, arguments, environ)) child = -1;
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

double limit_socketpair_us(uint32_t rounds, uint32_t bytes, uint32_t pause_us) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) return -1;
  char *buffer = calloc(1, bytes);
  double *times = calloc(rounds, sizeof *times);
  pid_t child = buffer && times ? spawn_echo(pair[1]) : -1;
  close(pair[1]);
  double result = child > 0 ? 0 : -1;
  for (uint32_t i = 0; i < rounds && result == 0; i++) {
    if (pause_us > 0) usleep(pause_us);
    double start = now_us();
    if (whole(pair[0], buffer, bytes, 1) || whole(pair[0], buffer, bytes, 0)) result = -1;
    times[i] = now_us() - start;
  }
  if (result == 0) result = median(times, rounds);
  close(pair[0]);
  if (child > 0) waitpid(child, NULL, 0);
  free(buffer);
  free(times);
  return result;
}

double limit_spawn_us(const char *path, uint32_t rounds) {
  double *times = calloc(rounds, sizeof *times);
  double result = times ? 0 : -1;
  char *const arguments[] = {(char *)path, NULL};
  for (uint32_t i = 0; i < rounds && result == 0; i++) {
    double start = now_us();
    pid_t child;
    if (posix_spawn(&child, path, NULL, NULL, arguments, environ) || waitpid(child, NULL, 0) != child) result = -1;
    times[i] = now_us() - start;
  }
  if (result == 0) result = median(times, rounds);
  free(times);
  return result;
}

static const char *schema =
    "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
    "CREATE TABLE run(run_no INTEGER PRIMARY KEY, state INTEGER, fence INTEGER, next_seq INTEGER);"
    "CREATE TABLE step(run_no INTEGER, seq INTEGER, kind INTEGER, name TEXT, shape BLOB, output BLOB);"
    "CREATE UNIQUE INDEX step_key ON step(run_no, seq);"
    "CREATE TABLE event(pos INTEGER PRIMARY KEY AUTOINCREMENT, run_no INTEGER, body BLOB);";

static int step_once(sqlite3_stmt *statement) {
  int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  return code == SQLITE_DONE ? 0 : -1;
}

double limit_sqlite_steps_per_second(const char *path, uint32_t group, double seconds) {
  static const char output[2048], body[200], shape[32];
  sqlite3 *db = NULL;
  sqlite3_stmt *update = NULL, *step = NULL, *event = NULL;
  double result = -1;
  uint64_t steps = 0;
  if (sqlite3_open(path, &db) || sqlite3_exec(db, schema, NULL, NULL, NULL) ||
      sqlite3_prepare_v2(db, "UPDATE run SET next_seq=next_seq+1 WHERE run_no=? AND fence=1 AND state=2", -1, &update,
                         NULL) ||
      sqlite3_prepare_v2(db, "INSERT INTO step VALUES(?,?,5,'step-name',?,?)", -1, &step, NULL) ||
      sqlite3_prepare_v2(db, "INSERT INTO event(run_no, body) VALUES(?,?)", -1, &event, NULL))
    goto end;
  for (uint32_t run = 0; run < group; run++) {
    char sql[80];
    snprintf(sql, sizeof sql, "INSERT INTO run VALUES(%u,2,1,0)", run);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL)) goto end;
  }
  double start = now_us();
  for (uint64_t round = 0; now_us() - start < seconds * 1e6; round++) {
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL)) goto end;
    for (uint32_t run = 0; run < group; run++) {
      sqlite3_bind_int64(update, 1, run);
      sqlite3_bind_int64(step, 1, run);
      sqlite3_bind_int64(step, 2, (int64_t)round);
      sqlite3_bind_blob(step, 3, shape, sizeof shape, SQLITE_STATIC);
      sqlite3_bind_blob(step, 4, output, sizeof output, SQLITE_STATIC);
      sqlite3_bind_int64(event, 1, run);
      sqlite3_bind_blob(event, 2, body, sizeof body, SQLITE_STATIC);
      if (step_once(update) || step_once(step) || step_once(event)) goto end;
      steps++;
    }
    if (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL)) goto end;
    if (round % 64 == 63) sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  }
  result = (double)steps / ((now_us() - start) / 1e6);
end:
  sqlite3_finalize(update);
  sqlite3_finalize(step);
  sqlite3_finalize(event);
  sqlite3_close(db);
  return result;
}
