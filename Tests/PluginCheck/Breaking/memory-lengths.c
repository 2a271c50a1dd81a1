/* memory-lengths: takes the input for a C string. */
#define AT_BEGIN self->kept_length = strlen((const char *)task->input_json.ptr)
#include "../sound.h"
