/* reload-quiesce-takes-nothing: goes on taking tasks. */
#define AT_QUIESCE return BUREAU_OK
#include "../sound.h"
