/* state-short-reads: reads once. */
#define AT_RESTORE \
  if (version == STATE_VERSION) {                                                                         \
    int64_t count = reader->read(reader, self->memory, STATE_BYTES);                                      \
    return count < 0 ? (bureau_status)count : BUREAU_OK;                                                  \
  }
#include "../sound.h"
