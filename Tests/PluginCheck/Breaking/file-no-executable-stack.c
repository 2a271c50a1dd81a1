/* file-no-executable-stack: linked with an executable stack. */
// flags: -Wl,-z,execstack
#include "../sound.h"
