/* file-elf: the class byte says 32 bits. */
// patch: 4=01
#include "../sound.h"
