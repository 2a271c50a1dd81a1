/* task-result-schema: a number where a text is due. */
#define AT_DONE finish(self, c, "{\"text\":5}")
#include "../sound.h"
