#define _GNU_SOURCE
#include "memory.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Enough for every type of C that a signature can name. */
#define ALIGNMENT 16u
/* How far before and behind a buffer its pages are checked. */
#define MARGIN 256u
#define MARK 0xA5

static uint64_t rounded(uint64_t size, uint64_t unit) { return (size + unit - 1) / unit * unit; }

static uint64_t front_margin(const guarded *buffer) {
  uint64_t front = (uint64_t)(buffer->bytes - buffer->pages);
  return front < MARGIN ? front : MARGIN;
}

static uint64_t back_margin(const guarded *buffer) {
  return buffer->page_bytes - (uint64_t)(buffer->bytes - buffer->pages) - buffer->size;
}

bool memory_open(memory_map *map, guarded *buffers, uint32_t count) {
  const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
  *map = (memory_map){NULL, page};
  if (count == 0) return true;
  for (uint32_t i = 0; i < count; i++) map->length += rounded(buffers[i].size ? buffers[i].size : 1, page) + page;
  map->base = mmap(NULL, map->length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map->base == MAP_FAILED) {
    map->base = NULL;
    return false;
  }
  uint8_t *next = map->base + page;
  for (uint32_t i = 0; i < count; i++) {
    guarded *buffer = &buffers[i];
    buffer->pages = next;
    buffer->page_bytes = rounded(buffer->size ? buffer->size : 1, page);
    buffer->bytes = next + buffer->page_bytes - rounded(buffer->size, ALIGNMENT);
    if (mprotect(next, buffer->page_bytes, PROT_READ | PROT_WRITE) < 0) return false;
    memset(buffer->bytes - front_margin(buffer), MARK, front_margin(buffer));
    memset(buffer->bytes + buffer->size, MARK, back_margin(buffer));
    next += buffer->page_bytes + page;
  }
  return true;
}

void memory_close(memory_map *map) {
  if (map->base) munmap(map->base, map->length);
  map->base = NULL;
}

static bool marked(const uint8_t *bytes, uint64_t count) {
  for (uint64_t i = 0; i < count; i++)
    if (bytes[i] != MARK) return false;
  return true;
}

bool memory_is_intact(const guarded *buffer) {
  return marked(buffer->bytes - front_margin(buffer), front_margin(buffer)) &&
         marked(buffer->bytes + buffer->size, back_margin(buffer));
}
