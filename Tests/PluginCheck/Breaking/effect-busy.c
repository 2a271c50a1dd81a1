/* effect-busy: asks again and again. */
#define AT_FAILURE compose(self, c)
#include "../sound.h"
