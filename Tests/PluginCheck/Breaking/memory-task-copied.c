/* memory-task-copied: looks at the input when an event comes. */
#define AT_BEGIN self->kept = (void *)task->input_json.ptr
#define AT_EVENT if (self->kept) self->kept_length = *(volatile uint8_t *)self->kept
#include "../sound.h"
