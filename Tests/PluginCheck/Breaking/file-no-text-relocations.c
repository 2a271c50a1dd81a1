/* file-no-text-relocations: an address in the middle of the code. */
// flags: -Wl,-z,notext
__asm__(".text\n.globl held\n.hidden held\nheld:\n.quad getpid\n");
#include "../sound.h"
