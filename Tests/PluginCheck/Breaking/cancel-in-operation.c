/* cancel-in-operation: asks to cancel its operations, and waits for their events. */
#define AT_CANCEL self->kept = c
#include "../sound.h"
