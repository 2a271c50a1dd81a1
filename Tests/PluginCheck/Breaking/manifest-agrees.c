/* manifest-agrees: another id than the descriptor's. */
#define MANIFEST_ID "org.example.other"
#include "../sound.h"
