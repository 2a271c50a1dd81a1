/* file-one-export: shows a second function. */
__attribute__((visibility("default"))) int helper(void);
#include "../sound.h"

int helper(void) { return 1; }
