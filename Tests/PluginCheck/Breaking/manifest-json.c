/* manifest-json: the manifest ends in the middle. */
#define MANIFEST "{\"manifest_version\":1,"
#include "../sound.h"
