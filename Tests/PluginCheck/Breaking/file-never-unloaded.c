/* file-never-unloaded: may be unloaded. */
// flags: unloadable
#include "../sound.h"
