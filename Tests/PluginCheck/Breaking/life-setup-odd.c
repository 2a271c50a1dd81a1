/* life-setup-odd: believes that every configuration is an object. */
#define AT_SETUP if (configuration.len == 0 || configuration.ptr[0] != '{') abort()
#include "../sound.h"
