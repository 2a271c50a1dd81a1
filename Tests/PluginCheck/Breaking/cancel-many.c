/* cancel-many: hears of the first eight. */
#define AT_CANCEL if (c - self->calls < 8) end(self, c, reason, "cancelled", "")
#include "../sound.h"
