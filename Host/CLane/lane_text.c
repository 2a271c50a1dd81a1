#define _GNU_SOURCE
#include <time.h>

#include "internal.h"

uint64_t lane_milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

/* How many continuation bytes follow `lead`, or -1; and the bounds of the first one (Unicode, table 3-7). */
static int sequence_of(uint8_t lead, uint8_t *low, uint8_t *high) {
  *low = 0x80;
  *high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) return 1;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (lead == 0xE0) *low = 0xA0;
    if (lead == 0xED) *high = 0x9F;
    return 2;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (lead == 0xF0) *low = 0x90;
    if (lead == 0xF4) *high = 0x8F;
    return 3;
  }
  return -1;
}

bool lane_is_utf8(const void *bytes, uint64_t length) {
  const uint8_t *text = bytes;
  uint64_t index = 0;
  while (index < length) {
    uint64_t word;
    while (index + sizeof word <= length) {
      memcpy(&word, text + index, sizeof word);
      if (word & 0x8080808080808080u) break;
      index += sizeof word;
    }
    if (index >= length) break;
    uint8_t lead = text[index++], low, high;
    if (lead < 0x80) continue;
    int more = sequence_of(lead, &low, &high);
    if (more < 0 || (uint64_t)more > length - index) return false;
    for (int i = 0; i < more; i++, index++) {
      if (text[index] < low || text[index] > high) return false;
      low = 0x80;
      high = 0xBF;
    }
  }
  return true;
}
