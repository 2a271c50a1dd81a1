/* life-create-succeeds: create fails. */
#define AT_CREATE return BUREAU_E_INTERNAL
#include "../sound.h"
