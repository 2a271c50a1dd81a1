/* lane-extension-ids: compares only the first bytes of an id. */
#define AT_EXTENSION if (id.len >= 20 && memcmp(id.ptr, BUREAU_PLUGIN_STATE, 20) == 0) return &self->state
#include "../sound.h"
