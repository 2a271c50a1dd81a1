/* entry-minimum-minor: needs a later host than it was built for. */
#define MIN_HOST_MINOR 5
#include "../sound.h"
