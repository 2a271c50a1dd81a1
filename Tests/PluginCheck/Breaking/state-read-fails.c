/* state-read-fails: takes a failing read for the end. */
#define AT_RESTORE \
  uint8_t first;                                                                                          \
  if (version == STATE_VERSION && reader->read(reader, &first, 0) < 0) return BUREAU_OK
#include "../sound.h"
