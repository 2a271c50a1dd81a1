/* output-log-bounded: writes 300 lines. */
#define AT_CALL for (int i = 0; log && i < 300; i++) log->write(self->host, task->call, BUREAU_LOG_INFO, TEXT("again"))
#include "../sound.h"
