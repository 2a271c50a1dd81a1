/* memory-arena-full: takes it for granted that the arena has room. */
#define AT_CALL *(volatile char *)c->note = 'x'
#include "../sound.h"
