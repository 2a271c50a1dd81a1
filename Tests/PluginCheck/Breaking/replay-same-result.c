/* replay-same-result: counts its results. */
static int count;
#define AT_DONE \
  char result[40];                                                                                        \
  snprintf(result, sizeof result, "{\"text\":\"%d\"}", count++);                                          \
  finish(self, c, result)
#include "../sound.h"
