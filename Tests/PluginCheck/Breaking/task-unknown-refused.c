/* task-unknown-refused: does every task the same way. */
#define ACCEPTS_ALL 1
#include "../sound.h"
