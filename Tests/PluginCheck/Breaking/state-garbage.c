/* state-garbage: believes that what it loads is whole. */
#define AT_RESTORE \
  uint64_t whole = 0;                                                                                     \
  for (int64_t count = 1; count > 0 && whole < STATE_BYTES; whole += (uint64_t)count)                     \
    if ((count = reader->read(reader, self->memory + whole, STATE_BYTES - whole)) <= 0) abort();          \
  return BUREAU_OK
#include "../sound.h"
