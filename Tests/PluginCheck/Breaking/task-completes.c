/* task-completes: forgets to complete. */
#define AT_DONE (void)0
#include "../sound.h"
