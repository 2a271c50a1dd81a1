/* effect-deadline: dies of a late operation. */
#define AT_FAILURE if (event->status == BUREAU_E_DEADLINE) abort(); else end(self, c, event->status, "failed", "")
#include "../sound.h"
