/* memory-event-copied: looks at an event's data when the next one comes. */
#define AT_EVENT \
  if (self->kept) self->kept_length = *(volatile uint8_t *)self->kept;                            \
  if (event->data.len) self->kept = (void *)event->data.ptr
#include "../sound.h"
