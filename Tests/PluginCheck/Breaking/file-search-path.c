/* file-search-path: looks for libraries in a folder of its own choice. */
// flags: -Wl,-rpath,/opt/lib
#include "../sound.h"
