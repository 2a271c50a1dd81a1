/* task-succeeds: fails whatever it is given. */
#define ASKS_NOTHING_ASIDE 1
#define AT_DONE end(self, c, BUREAU_E_INTERNAL, "not today", "")
#include "../sound.h"
