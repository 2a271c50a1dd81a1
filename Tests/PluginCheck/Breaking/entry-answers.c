/* entry-answers: returns null to every host. */
#define AT_ENTRY return NULL
#include "../sound.h"
