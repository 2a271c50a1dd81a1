/* memory.h: the buffers of one call, each between pages that nobody may touch. */
#ifndef CNATIVE_MEMORY_H
#define CNATIVE_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* One buffer. It ends at a guard page, but for what its alignment needs; that rest is checked after the call. So a
 * function that writes past what its signature says ends the worker or is found out, and never spoils a later call. */
typedef struct guarded {
  uint8_t *bytes;
  uint64_t size;
  uint8_t *pages; /* its readable and writable pages */
  uint64_t page_bytes;
} guarded;

typedef struct memory_map {
  uint8_t *base;
  uint64_t length;
} memory_map;

/* Sets `bytes` and `pages` of each buffer by its `size`; zeroed. */
bool memory_open(memory_map *map, guarded *buffers, uint32_t count);
void memory_close(memory_map *map);

/* Whether nothing beside the buffer was written. */
bool memory_is_intact(const guarded *buffer);

#endif
