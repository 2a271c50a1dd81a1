/* file-relro: the loader's tables stay writable. */
// flags: -Wl,-z,norelro
#include "../sound.h"
