/* memory-configuration-copied: looks at the configuration when a task comes. */
#define AT_SETUP self->kept = (void *)configuration.ptr
#define AT_BEGIN self->kept_length = *(volatile uint8_t *)self->kept
#include "../sound.h"
