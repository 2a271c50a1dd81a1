/* stream.h: bytes in pieces. Short reads and writes are legal: loop until done. */
#ifndef BUREAU_STREAM_H
#define BUREAU_STREAM_H

#include "base.h"

BUREAU_EXTERN_C_BEGIN

typedef struct bureau_reader {
  uint32_t struct_size, reserved;
  void *impl;
  /* [lane] Up to `capacity` bytes into `destination`: how many, 0 at the end, or a negative bureau_status. */
  int64_t (*read)(const struct bureau_reader *reader, void *destination, uint64_t capacity);
} bureau_reader;

typedef struct bureau_writer {
  uint32_t struct_size, reserved;
  void *impl;
  /* [lane] How many of `length` bytes were taken (at least 1), or a negative bureau_status. */
  int64_t (*write)(const struct bureau_writer *writer, const void *source, uint64_t length);
} bureau_writer;

BUREAU_EXTERN_C_END

#endif
