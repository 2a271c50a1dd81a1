/* output-progress-form: progress as people write it. */
#define AT_CALL self->host->emit(self->host, task->call, BUREAU_EMIT_PROGRESS, BYTES("50%"))
#include "../sound.h"
