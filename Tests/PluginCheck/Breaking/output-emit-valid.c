/* output-emit-valid: a kind that nobody knows. */
#define AT_CALL self->host->emit(self->host, task->call, 77, BYTES("x"))
#include "../sound.h"
