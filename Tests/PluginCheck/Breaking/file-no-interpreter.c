/* file-no-interpreter: names the loader, as programs do. */
#include <stddef.h>
__attribute__((section(".interp"), used)) static const char loader[] = "/lib64/ld-linux-x86-64.so.2";
#include "../sound.h"
