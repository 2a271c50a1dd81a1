/* file-common-libraries: needs a library that not each host has. */
// flags: -Wl,--no-as-needed -lsqlite3
#include "../sound.h"
