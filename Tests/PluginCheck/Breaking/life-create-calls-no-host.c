/* life-create-calls-no-host: create asks for a wake. */
#define AT_CREATE host->wake(host, 1)
#include "../sound.h"
