/* effect-unknown-status: knows the statuses of today only. */
#define AT_FAILURE if (event->status >= BUREAU_E_REPLAY) end(self, c, event->status, "failed", ""); else abort()
#include "../sound.h"
