/* state-short-writes: writes once. */
#define AT_SAVE                                                                                           \
  int64_t count = writer->write(writer, self->memory, STATE_BYTES);                                       \
  return count < 0 ? (bureau_status)count : BUREAU_OK
#include "../sound.h"
