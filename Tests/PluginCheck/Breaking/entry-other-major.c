/* entry-other-major: dies of a host that it does not know. */
#define AT_ENTRY if (host->abi_major != BUREAU_ABI_MAJOR) abort()
#include "../sound.h"
