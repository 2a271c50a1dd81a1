/* speed-instance-memory: 3 MiB for each agent. */
#define AT_SETUP self->spare = memset(malloc(3 << 20), 1, 3 << 20)
#define AT_DESTROY free(self->spare)
#include "../sound.h"
