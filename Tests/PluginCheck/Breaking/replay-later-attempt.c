/* replay-later-attempt: refuses a second attempt. */
#define AT_BEGIN if (task->attempt > 1) return BUREAU_E_CONFLICT
#include "../sound.h"
