/* host-newer: wants exactly the task's struct that it knows. */
#define AT_BEGIN if (task->struct_size != sizeof *task) return BUREAU_E_INVALID
#include "../sound.h"
