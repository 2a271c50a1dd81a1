/* input-text: dies of U+0000. */
#define AT_BEGIN if (memmem(task->input_json.ptr, task->input_json.len, "\\u0000", 6)) abort()
#include "../sound.h"
