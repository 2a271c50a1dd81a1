/* life-destroy-closes-files: leaves a descriptor behind. */
#define AT_SETUP dup(1)
#include "../sound.h"
