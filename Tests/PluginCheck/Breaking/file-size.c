/* file-size: 64 MiB and a byte. */
// append: 67108865
#include "../sound.h"
