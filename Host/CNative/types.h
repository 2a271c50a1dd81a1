/* types.h: a block's types as libffi's, and values in and out of memory. */
#ifndef CNATIVE_TYPES_H
#define CNATIVE_TYPES_H

#include <ffi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cnative/block.h"

/* Reads a block front to back; once it has failed, everything is 0. */
typedef struct reader {
  const uint8_t *bytes;
  uint64_t length, at;
  const char *problem;
} reader;

uint64_t read_number(reader *reader, uint32_t size);
const uint8_t *read_bytes(reader *reader, uint64_t count);
void read_fail(reader *reader, const char *problem);

typedef struct type_node {
  ffi_type *ffi;
  ffi_type own; /* of a struct */
  ffi_type *elements[NATIVE_MAX_FIELDS + 1];
  size_t offsets[NATIVE_MAX_FIELDS];
  struct type_node *fields[NATIVE_MAX_FIELDS];
  uint64_t packed; /* bytes without padding */
  uint32_t field_count;
} type_node;

typedef struct type_pool {
  type_node nodes[NATIVE_MAX_TYPES];
  uint32_t used;
} type_pool;

/* A scalar or a struct; null when the reader has failed. */
type_node *type_read(type_pool *pool, reader *reader);

/* Scalars of `packed` to their places in `memory`, and back. Both return what follows in the packed bytes. */
const uint8_t *type_unpack(const type_node *type, const uint8_t *packed, uint8_t *memory);
uint8_t *type_pack(const type_node *type, const uint8_t *memory, uint8_t *packed);

#endif
