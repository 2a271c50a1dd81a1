/* memory-arena-bounds: writes a fourteenth byte. */
#define AT_CALL if (c->note) c->note[13] = 1
#include "../sound.h"
