/* task-failure-explained: fails without a word. */
#define AT_FAILURE end(self, c, event->status, "", "")
#include "../sound.h"
