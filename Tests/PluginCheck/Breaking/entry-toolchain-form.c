/* entry-toolchain-form: a toolchain in plain words. */
#define TOOLCHAIN "My Compiler"
#include "../sound.h"
