/* output-silent: says hello. */
#define AT_CALL puts("hello")
#include "../sound.h"
