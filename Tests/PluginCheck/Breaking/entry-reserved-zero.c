/* entry-reserved-zero: a reserved field has a value. */
#define RESERVED 7
#include "../sound.h"
