/* speed-load: a constructor that works. */
#define AT_LOAD usleep(400000)
#include "../sound.h"
