/* entry-larger-host-info: wants exactly its own struct. */
#define AT_ENTRY if (host->struct_size != sizeof *host) return NULL
#include "../sound.h"
