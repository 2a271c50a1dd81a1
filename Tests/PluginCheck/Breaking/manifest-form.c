/* manifest-form: the manifest has no title. */
#define MANIFEST "{\"manifest_version\":1,\"department\":\"sound\",\"summary\":\"s\",\"tasks\":[]}"
#include "../sound.h"
