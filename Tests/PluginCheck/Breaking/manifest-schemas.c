/* manifest-schemas: a type that JSON Schema does not have. */
#define INPUT_SCHEMA "{\"type\":\"nonsense\"}"
#include "../sound.h"
