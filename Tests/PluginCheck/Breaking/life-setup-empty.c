/* life-setup-empty: wants to be configured. */
#define AT_SETUP if (configuration.len <= 2) return BUREAU_E_INVALID
#include "../sound.h"
