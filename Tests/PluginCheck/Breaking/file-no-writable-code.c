/* file-no-writable-code: the first segment is readable, writable and executable. */
// patch: 68=07
#include "../sound.h"
