/* effect-budget: waits on after BUREAU_E_BUDGET. */
#define AT_FAILURE if (event->status != BUREAU_E_BUDGET) end(self, c, event->status, "failed", "")
#include "../sound.h"
