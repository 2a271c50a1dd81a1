/* entry-newer-minor: wants exactly its own minor version. */
#define AT_ENTRY if (host->abi_minor != BUREAU_ABI_MINOR) return NULL
#include "../sound.h"
