/* life-destroy-frees-memory: leaves 40 bytes behind. */
#define AT_SETUP self->spare = malloc(40)
#include "../sound.h"
