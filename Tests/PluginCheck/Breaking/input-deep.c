/* input-deep: dies of eight arrays in one another. */
#define AT_BEGIN if (memmem(task->input_json.ptr, task->input_json.len, "[[[[[[[[", 8)) abort()
#include "../sound.h"
