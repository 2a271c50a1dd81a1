/* grant-hosts: fetches from a host that it does not wish for. */
#define URL "https://elsewhere.example/a"
#include "../sound.h"
