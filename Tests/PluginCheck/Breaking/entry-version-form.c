/* entry-version-form: a version of two numbers. */
#define VERSION "1.0"
#include "../sound.h"
