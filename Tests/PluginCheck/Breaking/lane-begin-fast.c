/* lane-begin-fast: works in begin. */
#define AT_BEGIN usleep(400000)
#include "../sound.h"
