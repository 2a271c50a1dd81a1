/* leaves.c: an audit log's rows as SQLite alone can write them in C, without making or hashing a leaf. */
#define _GNU_SOURCE
#include "limits.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_value(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static const char schema[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
    "CREATE TABLE audit_leaf (idx INTEGER PRIMARY KEY, hash BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;";

double limit_sqlite_leaves_per_second(const char *path, uint32_t group, uint32_t bytes, uint32_t groups,
                                      double *p99_ms) {
  double result = -1;
  sqlite3 *db = NULL;
  sqlite3_stmt *append = NULL;
  unsigned char *leaf = calloc(1, bytes), hash[32] = {0};
  double *times = calloc(groups, sizeof *times);
  if (!leaf || !times || !groups || sqlite3_open(path, &db) || sqlite3_exec(db, schema, NULL, NULL, NULL) ||
      sqlite3_prepare_v2(db, "INSERT INTO audit_leaf VALUES (?, ?, ?)", -1, &append, NULL))
    goto end;
  memset(leaf, 'x', bytes);
  double start = now_seconds();
  for (uint32_t round = 0; round < groups; round++) {
    double began = now_seconds();
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL)) goto end;
    for (uint32_t row = 0; row < group; row++) {
      sqlite3_int64 index = (sqlite3_int64)round * group + row;
      memcpy(hash, &index, sizeof index);
      sqlite3_bind_int64(append, 1, index);
      sqlite3_bind_blob(append, 2, hash, sizeof hash, SQLITE_STATIC);
      sqlite3_bind_blob(append, 3, leaf, (int)bytes, SQLITE_STATIC);
      if (sqlite3_step(append) != SQLITE_DONE) goto end;
      sqlite3_reset(append);
    }
    if (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL)) goto end;
    times[round] = now_seconds() - began;
    if (round % 64 == 63) sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  }
  result = (double)groups * group / (now_seconds() - start);
  qsort(times, groups, sizeof *times, by_value);
  *p99_ms = times[(uint32_t)((double)groups * 0.99)] * 1e3;
end:
  sqlite3_finalize(append);
  sqlite3_close(db);
  free(leaf);
  free(times);
  return result;
}
