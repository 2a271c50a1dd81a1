/* entry-prints-nothing: the entry function says hello. */
#define AT_ENTRY puts("hello")
#include "../sound.h"
