/* killer.c, preloaded into the command: ends the process by SIGKILL before its KILL_AT-th change of a file, or, with
   KILL_COUNT=file, counts the changes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* Plugins are built with hidden symbols; these must be found instead of the C library's. */
#pragma GCC visibility push(default)

static long kill_at = -1;
static const char *count_file;
static atomic_long count;

__attribute__((constructor)) static void begin(void) {
  const char *at = getenv("KILL_AT");
  if (strcmp(program_invocation_short_name, "bureau") != 0) return;
  kill_at = at ? atol(at) : 0;
  count_file = getenv("KILL_COUNT");
  unsetenv("LD_PRELOAD");
}

__attribute__((destructor)) static void end(void) {
  FILE *file = kill_at >= 0 && count_file ? fopen(count_file, "w") : NULL;
  if (file) {
    fprintf(file, "%ld\n", atomic_load(&count));
    fclose(file);
  }
}

static void change(void) {
  if (kill_at >= 0 && atomic_fetch_add(&count, 1) + 1 == kill_at) kill(getpid(), SIGKILL);
}

static int is_file(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))

int fsync(int fd) {
  change();
  return REAL("fsync", int (*)(int))(fd);
}

int fdatasync(int fd) {
  change();
  return REAL("fdatasync", int (*)(int))(fd);
}

int rename(const char *from, const char *to) {
  change();
  return REAL("rename", int (*)(const char *, const char *))(from, to);
}

int unlink(const char *path) {
  change();
  return REAL("unlink", int (*)(const char *))(path);
}

int mkdir(const char *path, mode_t mode) {
  change();
  return REAL("mkdir", int (*)(const char *, mode_t))(path, mode);
}

ssize_t write(int fd, const void *bytes, size_t size) {
  if (is_file(fd)) change();
  return REAL("write", ssize_t(*)(int, const void *, size_t))(fd, bytes, size);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
  if (is_file(fd)) change();
  return REAL("pwrite64", ssize_t(*)(int, const void *, size_t, off64_t))(fd, bytes, size, offset);
}
