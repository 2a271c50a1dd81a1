/* grant-departments: asks a department that it does not wish for. */
#define DEPARTMENT "legal"
#include "../sound.h"
