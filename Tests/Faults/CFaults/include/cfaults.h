/* cfaults.h: SQLite as the checks use it, apart from the journal's own driver, and a medium that remembers.
 *
 * The recorder is a VFS over the system's own. It writes through, and keeps a log of every write, truncation and sync
 * of the store's file and of its write-ahead log, in order. From the log the images of a power cut are made: what was
 * synced is there, what was not may be there in part.
 *
 * One recording at a time in a process; the log may be read while nothing records. */
#ifndef BUREAU_CFAULTS_H
#define BUREAU_CFAULTS_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

enum { RECORD_WRITE = 0, RECORD_TRUNCATE = 1, RECORD_SYNC = 2, RECORD_MARK = 3 };
enum { RECORD_FILE_STORE = 0, RECORD_FILE_LOG = 1 };

typedef struct record_entry {
  uint32_t kind;
  uint32_t file;
  /* Where a write begins, or how long a truncated file is. A mark's value. */
  int64_t offset;
  /* Of a write, kept until the next start. */
  const uint8_t *bytes;
  size_t length;
} record_entry;

/* Makes the recorder SQLite's default VFS and begins an empty log. 0, or an SQLite error. */
int32_t record_start(void);

/* Gives the system's VFS back its place. The log stays. */
void record_stop(void);

/* Notes a fact of the caller's at this place of the log. */
void record_mark(int64_t value);

size_t record_count(void);
record_entry record_at(size_t index);

/* The name of this program's SQLite settings that bear on durability, for people. */
const char *record_sqlite_version(void);

/* Binds text or bytes, which SQLite copies: its own marker for that is a cast that Swift does not import. */
int32_t record_bind_text(sqlite3_stmt *statement, int32_t index, const char *text);

#endif
