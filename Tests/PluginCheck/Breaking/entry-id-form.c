/* entry-id-form: an id that is no reverse domain name. */
#define ID "Sound Plugin"
#include "../sound.h"
