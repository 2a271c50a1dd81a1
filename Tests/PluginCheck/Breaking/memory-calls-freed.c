/* memory-calls-freed: leaves 64 bytes behind. */
#define AT_CALL self->spare = malloc(64)
#include "../sound.h"
