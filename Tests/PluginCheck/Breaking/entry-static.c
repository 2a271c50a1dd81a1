/* entry-static: a new descriptor each time. */
#define AT_ENTRY return memcpy(malloc(sizeof entry), &entry, sizeof entry)
#include "../sound.h"
