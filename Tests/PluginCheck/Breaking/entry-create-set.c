/* entry-create-set: no create function. */
#define CREATE NULL
#include "../sound.h"
