/* speed-begin: takes 30 ms to begin. */
#define AT_BEGIN usleep(30000)
#include "../sound.h"
