/* effect-replay: waits on after BUREAU_E_REPLAY. */
#define AT_FAILURE if (event->status != BUREAU_E_REPLAY) end(self, c, event->status, "failed", "")
#include "../sound.h"
