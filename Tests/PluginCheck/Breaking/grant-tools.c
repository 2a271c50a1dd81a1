/* grant-tools: calls a tool that it does not wish for. */
#define TOOL "shell"
#include "../sound.h"
