/* life-instances-independent: the first destroy ends them all. */
static int is_over;
#define AT_DESTROY is_over = 1
#define AT_BEGIN if (is_over) return BUREAU_E_INTERNAL
#include "../sound.h"
