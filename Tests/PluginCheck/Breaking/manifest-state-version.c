/* manifest-state-version: the state table says 4, the manifest 3. */
#define STATE_VERSION 4
#include "../sound.h"
