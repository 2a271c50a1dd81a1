/* state-unknown-version: calls an unknown version invalid. */
#define AT_RESTORE if (version != STATE_VERSION) return BUREAU_E_INVALID
#include "../sound.h"
