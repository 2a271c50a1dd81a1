/* life-destroy-fast: takes its time. */
#define AT_DESTROY usleep(700000)
#include "../sound.h"
