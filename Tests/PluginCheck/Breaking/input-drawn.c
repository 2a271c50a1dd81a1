/* input-drawn: dies of letters beyond ASCII. */
#define AT_BEGIN \
  for (uint64_t i = 0; i < task->input_json.len; i++)                                                     \
    if (task->input_json.ptr[i] >= 0x80) abort()
#include "../sound.h"
