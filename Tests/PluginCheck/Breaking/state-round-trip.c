/* state-round-trip: reads, and keeps nothing. */
#define AT_RESTORE if (version == STATE_VERSION) return BUREAU_OK
#include "../sound.h"
