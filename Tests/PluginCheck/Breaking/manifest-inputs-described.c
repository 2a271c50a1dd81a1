/* manifest-inputs-described: a schema that accepts everything. */
#define INPUT_SCHEMA "{}"
#include "../sound.h"
