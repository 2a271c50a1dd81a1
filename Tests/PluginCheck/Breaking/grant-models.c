/* grant-models: asks a model that it does not wish for. */
#define WANTS "{\"models\":[\"other/model\"]}"
#include "../sound.h"
