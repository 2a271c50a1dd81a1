/* speed-load: a constructor that works. */
#define AT_LOAD usleep(900000)
#include "../sound.h"
