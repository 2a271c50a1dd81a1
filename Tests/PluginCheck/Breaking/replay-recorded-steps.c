/* replay-recorded-steps: has not heard of replays. */
#define ON_RECORDED end(self, c, BUREAU_E_INTERNAL, "no compute", "")
#include "../sound.h"
