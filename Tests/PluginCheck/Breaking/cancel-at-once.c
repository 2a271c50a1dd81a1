/* cancel-at-once: does not hear that it is cancelled. */
#define AT_CANCEL (void)c
#include "../sound.h"
