/* entry-file-loads: calls a function that nobody has. */
void nowhere(void);
#define AT_DESTROY nowhere()
#include "../sound.h"
