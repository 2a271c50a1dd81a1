/* effect-internal: waits on after BUREAU_E_INTERNAL. */
#define AT_FAILURE if (event->status != BUREAU_E_INTERNAL) end(self, c, event->status, "failed", "")
#include "../sound.h"
