/* file-machine: built for a machine that nobody has. */
// patch: 18=ff7f
#include "../sound.h"
