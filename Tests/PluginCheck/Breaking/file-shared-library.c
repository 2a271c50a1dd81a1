/* file-shared-library: the type of a program. */
// patch: 16=02
#include "../sound.h"
