/* task-concurrent: has room for one call, and forgets the one before. */
#define AT_CALL \
  for (int i = 0; i < MAX_CALLS; i++)                         \
    if (&self->calls[i] != c) self->calls[i].handle = 0
#include "../sound.h"
