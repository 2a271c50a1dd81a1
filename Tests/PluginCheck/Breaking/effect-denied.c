/* effect-denied: waits on after BUREAU_E_DENIED. */
#define AT_FAILURE if (event->status != BUREAU_E_DENIED) end(self, c, event->status, "failed", "")
#include "../sound.h"
