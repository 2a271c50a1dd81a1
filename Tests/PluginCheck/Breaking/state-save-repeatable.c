/* state-save-repeatable: counts its saves. */
#define AT_SAVE self->memory[2]++
#include "../sound.h"
