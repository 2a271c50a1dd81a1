/* lane-extension-stable: gives its table every second time. */
static int asked;
#define AT_EXTENSION if (asked++ % 2) return NULL
#include "../sound.h"
