/* cancel-in-operation: waits for its operation as if nothing had happened. */
#define AT_CANCEL self->kept = c
#include "../sound.h"
