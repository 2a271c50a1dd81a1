/* reload-healthy: never feels well. */
#define AT_PROBE return BUREAU_E_BUSY
#include "../sound.h"
