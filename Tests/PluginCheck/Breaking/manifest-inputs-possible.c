/* manifest-inputs-possible: a schema that accepts nothing. */
#define INPUT_SCHEMA "{\"type\":\"string\",\"not\":{}}"
#include "../sound.h"
