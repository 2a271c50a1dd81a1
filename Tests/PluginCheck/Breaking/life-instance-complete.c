/* life-instance-complete: no on_wake. */
#define AT_CREATE self->plugin.on_wake = NULL
#include "../sound.h"
