/* state-write-fails: takes a failing write for the end. */
#define AT_SAVE \
  int64_t some;                                                                                           \
  for (uint64_t at = 0; at < STATE_BYTES; at += (uint64_t)some)                                           \
    if ((some = writer->write(writer, self->memory + at, STATE_BYTES - at)) < 0) break;                   \
  return BUREAU_OK
#include "../sound.h"
