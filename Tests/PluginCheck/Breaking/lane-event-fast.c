/* lane-event-fast: works in on_event. */
#define AT_EVENT if (event->token == 4) usleep(400000)
#include "../sound.h"
