/* reload-quiesce-idle: cannot be quieted. */
#define AT_QUIESCE return BUREAU_E_INTERNAL
#include "../sound.h"
