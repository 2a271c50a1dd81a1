/* manifest-examples: an example with a number where a text is due. */
#define INPUT_SCHEMA "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"}},\"examples\":[{\"text\":5}]}"
#include "../sound.h"
