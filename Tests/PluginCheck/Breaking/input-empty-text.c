/* input-empty-text: dies of an empty text. */
#define AT_BEGIN if (memmem(task->input_json.ptr, task->input_json.len, "\"text\":\"\"", 9)) abort()
#include "../sound.h"
