/* cancel-starts-nothing: asks a model before it ends. */
#define AT_CANCEL ask_model(self, c), end(self, c, reason, "cancelled", "")
#include "../sound.h"
