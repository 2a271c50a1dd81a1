/* reload-quiesce-hands-over: keeps its calls open. */
#define AT_QUIESCE self->is_quiet = 1; return BUREAU_OK
#include "../sound.h"
