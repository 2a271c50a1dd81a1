/* cancel-spares-others: ends all calls with the one. */
#define AT_CANCEL \
  for (int i = 0; i < MAX_CALLS; i++)                                                                     \
    if (self->calls[i].handle) end(self, &self->calls[i], reason, "cancelled", "")
#include "../sound.h"
