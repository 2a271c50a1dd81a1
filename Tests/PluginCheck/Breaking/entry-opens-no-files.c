/* entry-opens-no-files: the entry function leaves a descriptor open. */
#define AT_ENTRY dup(1)
#include "../sound.h"
