/* memory-borrowed-read-only: writes what it reads into the input. */
#define AT_BEGIN ((uint8_t *)task->input_json.ptr)[0] = '{'
#include "../sound.h"
