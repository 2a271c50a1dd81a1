/* memory-arena-lifetime: writes to the arena when the call has ended. */
#define AT_END if (c->note) c->note[0] = 'x'
#include "../sound.h"
