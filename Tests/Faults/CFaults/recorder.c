#include "cfaults.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct recorded_file {
  sqlite3_file base;
  /* RECORD_FILE_…, or negative: not of interest. */
  int32_t file;
  sqlite3_file *real;
} recorded_file;

static struct {
  pthread_mutex_t lock;
  record_entry *entries;
  size_t count, room;
  sqlite3_vfs vfs;
  sqlite3_vfs *system;
} recorder = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void append(record_entry entry, const void *bytes) {
  pthread_mutex_lock(&recorder.lock);
  if (recorder.count == recorder.room) {
    recorder.room = recorder.room ? 2 * recorder.room : 1024;
    recorder.entries = realloc(recorder.entries, recorder.room * sizeof *recorder.entries);
    if (!recorder.entries) abort();
  }
  if (bytes) {
    uint8_t *copy = malloc(entry.length);
    if (!copy) abort();
    memcpy(copy, bytes, entry.length);
    entry.bytes = copy;
  }
  recorder.entries[recorder.count++] = entry;
  pthread_mutex_unlock(&recorder.lock);
}

static sqlite3_file *real_of(sqlite3_file *file) { return ((recorded_file *)file)->real; }

static int file_close(sqlite3_file *file) {
  sqlite3_file *real = real_of(file);
  int result = real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
  sqlite3_free(real);
  return result;
}

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  return real_of(file)->pMethods->xRead(real_of(file), bytes, count, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  recorded_file *mine = (recorded_file *)file;
  if (mine->file >= 0)
    append((record_entry){.kind = RECORD_WRITE, .file = (uint32_t)mine->file, .offset = offset,
                          .length = (size_t)count},
           bytes);
  return mine->real->pMethods->xWrite(mine->real, bytes, count, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  recorded_file *mine = (recorded_file *)file;
  if (mine->file >= 0)
    append((record_entry){.kind = RECORD_TRUNCATE, .file = (uint32_t)mine->file, .offset = size}, NULL);
  return mine->real->pMethods->xTruncate(mine->real, size);
}

static int file_sync(sqlite3_file *file, int flags) {
  recorded_file *mine = (recorded_file *)file;
  int result = mine->real->pMethods->xSync(mine->real, flags);
  if (mine->file >= 0 && result == SQLITE_OK)
    append((record_entry){.kind = RECORD_SYNC, .file = (uint32_t)mine->file}, NULL);
  return result;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
static int file_lock(sqlite3_file *file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
static int file_unlock(sqlite3_file *file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
static int file_is_reserved(sqlite3_file *file, int *answer) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), answer);
}
static int file_control(sqlite3_file *file, int operation, void *argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}
static int file_sector(sqlite3_file *file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
/* None: a medium that promises nothing about writes that were not synced. */
static int file_traits(sqlite3_file *file) {
  (void)file;
  return 0;
}
static int file_map(sqlite3_file *file, int page, int size, int extend, void volatile **address) {
  return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, address);
}
static int file_shared_lock(sqlite3_file *file, int offset, int count, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
static void file_barrier(sqlite3_file *file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
static int file_unmap(sqlite3_file *file, int delete) {
  return real_of(file)->pMethods->xShmUnmap(real_of(file), delete);
}

/* Version 2: shared memory for the log's index, no mapped pages, so every change is a write. */
static const sqlite3_io_methods methods = {
    2,           file_close,      file_read,    file_write,   file_truncate,    file_sync,        file_size,
    file_lock,   file_unlock,     file_is_reserved, file_control, file_sector,  file_traits,      file_map,
    file_shared_lock, file_barrier, file_unmap, NULL,         NULL,
};

static int open_file(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *given) {
  (void)vfs;
  recorded_file *mine = (recorded_file *)file;
  memset(mine, 0, sizeof *mine);
  mine->file = flags & SQLITE_OPEN_MAIN_DB ? RECORD_FILE_STORE : flags & SQLITE_OPEN_WAL ? RECORD_FILE_LOG : -1;
  mine->real = sqlite3_malloc(recorder.system->szOsFile);
  if (!mine->real) return SQLITE_NOMEM;
  memset(mine->real, 0, (size_t)recorder.system->szOsFile);
  int result = recorder.system->xOpen(recorder.system, name, mine->real, flags, given);
  if (result == SQLITE_OK) {
    mine->base.pMethods = &methods;
  } else {
    sqlite3_free(mine->real);
  }
  return result;
}

int32_t record_start(void) {
  if (!recorder.system) {
    recorder.system = sqlite3_vfs_find("unix");
    if (!recorder.system) return SQLITE_ERROR;
    recorder.vfs = *recorder.system;
    recorder.vfs.zName = "recorder";
    recorder.vfs.szOsFile = sizeof(recorded_file);
    recorder.vfs.pNext = NULL;
    recorder.vfs.xOpen = open_file;
  }
  for (size_t index = 0; index < recorder.count; index++) free((void *)recorder.entries[index].bytes);
  recorder.count = 0;
  return sqlite3_vfs_register(&recorder.vfs, 1);
}

void record_stop(void) { sqlite3_vfs_register(recorder.system, 1); }

void record_mark(int64_t value) { append((record_entry){.kind = RECORD_MARK, .offset = value}, NULL); }
size_t record_count(void) { return recorder.count; }
record_entry record_at(size_t index) { return recorder.entries[index]; }
const char *record_sqlite_version(void) { return sqlite3_libversion(); }

int32_t record_bind_text(sqlite3_stmt *statement, int32_t index, const char *text) {
  return sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
}
