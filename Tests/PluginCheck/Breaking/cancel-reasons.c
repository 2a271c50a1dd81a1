/* cancel-reasons: knows one reason. */
#define AT_CANCEL if (reason == BUREAU_E_CANCELLED) end(self, c, reason, "cancelled", "")
#include "../sound.h"
