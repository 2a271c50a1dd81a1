/* effect-unsupported: waits on after BUREAU_E_UNSUPPORTED. */
#define AT_FAILURE if (event->status != BUREAU_E_UNSUPPORTED) end(self, c, event->status, "failed", "")
#include "../sound.h"
