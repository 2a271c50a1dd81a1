/* effect-cancelled: waits on after EVENT_CANCELLED. */
#define AT_FAILURE if (event->kind == BUREAU_EVENT_FAILED) end(self, c, event->status, "failed", "")
#include "../sound.h"
