/* input-large: has room for a mebibyte. */
#define AT_BEGIN if (task->input_json.len > 1 << 20) abort()
#include "../sound.h"
