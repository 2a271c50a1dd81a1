/* reload-generations: leaves a page behind at each hand-over. */
#define AT_RESTORE self->spare = malloc(4096)
#include "../sound.h"
