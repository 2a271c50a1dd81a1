/* task-refusal-is-final: completes, then refuses. */
#define AT_CALL end(self, c, BUREAU_E_INVALID, "no", ""); return BUREAU_E_INVALID
#include "../sound.h"
