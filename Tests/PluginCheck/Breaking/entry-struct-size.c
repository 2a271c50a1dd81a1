/* entry-struct-size: says that its descriptor has 16 bytes. */
#define ENTRY_SIZE 16
#include "../sound.h"
