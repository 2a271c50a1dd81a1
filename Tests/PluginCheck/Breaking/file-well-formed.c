/* file-well-formed: the first segment is aligned to 3 bytes. */
// patch: 112=03
#include "../sound.h"
