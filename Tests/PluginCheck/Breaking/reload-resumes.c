/* reload-resumes: stays quiet. */
#define AT_RESUME return BUREAU_OK
#include "../sound.h"
