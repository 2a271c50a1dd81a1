/* task-result-json: half an object. */
#define AT_DONE finish(self, c, "{\"text\":")
#include "../sound.h"
