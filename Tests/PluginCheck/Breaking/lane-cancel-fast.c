/* lane-cancel-fast: works in cancel. */
#define AT_CANCEL usleep(400000), end(self, c, reason, "cancelled", "")
#include "../sound.h"
