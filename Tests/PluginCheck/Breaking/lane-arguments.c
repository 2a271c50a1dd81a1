/* lane-arguments: a message that is no text. */
#define AT_DONE end(self, c, BUREAU_OK, "\xff", "{}")
#include "../sound.h"
