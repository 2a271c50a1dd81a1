/* entry-texts-utf8: an id that is no text. */
#define ID "org.example.\xff"
#include "../sound.h"
