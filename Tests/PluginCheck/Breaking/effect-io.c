/* effect-io: waits on after BUREAU_E_IO. */
#define AT_FAILURE if (event->status != BUREAU_E_IO) end(self, c, event->status, "failed", "")
#include "../sound.h"
