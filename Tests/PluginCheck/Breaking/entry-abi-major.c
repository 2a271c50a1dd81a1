/* entry-abi-major: says 2 behind a symbol that says 1. */
#define ABI_MAJOR 2
#include "../sound.h"
