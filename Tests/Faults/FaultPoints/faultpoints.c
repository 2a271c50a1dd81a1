/* RTLD_NEXT and memfd_create are GNU's. */
#define _GNU_SOURCE
#include "faultpoints.h"

#include <dlfcn.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

/* What is asked of SQLite. Not its header: these are replacements of its functions, not uses. */
typedef struct sqlite3_stmt sqlite3_stmt;
const char *sqlite3_sql(sqlite3_stmt *statement);

static struct {
  char point[64];
  long times;
  atomic_long passed;
  /* Whether the group that is being written has a statement of the armed kind. */
  atomic_bool in_group;
} armed;

static const struct {
  const char *kind;
  const char *begins;
} statements[] = {
    {"submit", "INSERT INTO run ("},          {"claim", "UPDATE run SET state = 2"},
    {"step", "INSERT INTO step"},             {"result", "UPDATE step SET"},
    {"hold", "INSERT INTO reservation"},      {"settle", "UPDATE reservation SET"},
    {"finish", "UPDATE run SET state = ?, output"}, {"approval", "INSERT INTO approval"},
};

__attribute__((constructor)) static void arm(void) {
  unsetenv("LD_PRELOAD");
  const char *order = getenv("BUREAU_FAULT");
  if (!order) return;
  char program[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length <= 0) return;
  program[length] = 0;
  const char *name = strrchr(program, '/');
  const char *colon = strrchr(order, ':');
  if (!name || strcmp(name, "/bureau") != 0 || !colon || (size_t)(colon - order) >= sizeof armed.point) return;
  memcpy(armed.point, order, (size_t)(colon - order));
  armed.times = strtol(colon + 1, NULL, 10);
  unsetenv("BUREAU_FAULT");
}

static void pass(void) {
  if (atomic_fetch_add(&armed.passed, 1) + 1 == armed.times) kill(getpid(), SIGKILL);
}

static int is_armed(const char *point) { return armed.times > 0 && strcmp(armed.point, point) == 0; }

SHOWN long fault_points_passed(void) { return atomic_load(&armed.passed); }

static int begins(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

/* True when the armed point is `<kind>.<suffix>`. */
static int is_kind(const char *kind, const char *suffix) {
  size_t length = strlen(kind);
  return strncmp(armed.point, kind, length) == 0 && armed.point[length] == '.' &&
         (!suffix || strcmp(armed.point + length + 1, suffix) == 0);
}

static int ends_group(const char *suffix) {
  const char *dot = strchr(armed.point, '.');
  return dot && strcmp(dot + 1, suffix) == 0 && atomic_load(&armed.in_group);
}

SHOWN int sqlite3_step(sqlite3_stmt *statement) {
  static int (*real)(sqlite3_stmt *);
  if (!real) real = (int (*)(sqlite3_stmt *))dlsym(RTLD_NEXT, "sqlite3_step");
  if (armed.times == 0) return real(statement);
  const char *sql = sqlite3_sql(statement);
  if (!sql) return real(statement);
  int is_commit = strcmp(sql, "COMMIT") == 0;
  if (is_commit && ends_group("before_commit")) pass();
  int result = real(statement);
  if (is_commit) {
    if (ends_group("after_commit")) pass();
    atomic_store(&armed.in_group, 0);
  }
  for (size_t index = 0; index < sizeof statements / sizeof *statements; index++) {
    if (is_kind(statements[index].kind, NULL) && begins(sql, statements[index].begins))
      atomic_store(&armed.in_group, 1);
  }
  if (is_armed("event.after_append") && begins(sql, "INSERT INTO event")) pass();
  return result;
}

/* Which file of the store a descriptor is: 'l' its log, 's' itself, 0 another. */
static char file_of(int descriptor) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  const char *name = strrchr(path, '/');
  if (!name) return 0;
  if (strcmp(name, "/journal.sqlite-wal") == 0) return 'l';
  return strcmp(name, "/journal.sqlite") == 0 ? 's' : 0;
}

static int watches_files(void) { return begins(armed.point, "log.") || begins(armed.point, "checkpoint."); }

SHOWN ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  static ssize_t (*real)(int, const void *, size_t, off64_t);
  if (!real) real = (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
  ssize_t written = real(descriptor, bytes, count, offset);
  if (armed.times > 0 && watches_files()) {
    char file = file_of(descriptor);
    if (file == 'l' && is_armed("log.torn")) pass();
    if (file == 's' && is_armed("checkpoint.during")) pass();
  }
  return written;
}

static void sync_begins(int descriptor) {
  if (armed.times == 0 || !watches_files()) return;
  char file = file_of(descriptor);
  if (file == 'l' && is_armed("log.before_sync")) pass();
  if (file == 's' && is_armed("checkpoint.before_sync")) pass();
}

static void sync_ended(int descriptor) {
  if (is_armed("log.after_sync") && file_of(descriptor) == 'l') pass();
}

SHOWN int fdatasync(int descriptor) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  sync_begins(descriptor);
  int result = real(descriptor);
  sync_ended(descriptor);
  return result;
}

SHOWN int fsync(int descriptor) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  sync_begins(descriptor);
  int result = real(descriptor);
  sync_ended(descriptor);
  return result;
}

SHOWN int memfd_create(const char *name, unsigned int flags) {
  static int (*real)(const char *, unsigned int);
  if (!real) real = (int (*)(const char *, unsigned int))dlsym(RTLD_NEXT, "memfd_create");
  int descriptor = real(name, flags);
  if (is_armed("reload.after_map")) pass();
  return descriptor;
}
