/* life-many-instances: ten are enough. */
static int count;
#define AT_CREATE if (++count > 10) return BUREAU_E_BUSY
#include "../sound.h"
