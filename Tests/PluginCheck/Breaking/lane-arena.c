/* lane-arena: takes from the arena on another thread. */
#include <bureau/bureau.h>
#include <pthread.h>
#include <unistd.h>
static pthread_t thread;
static const bureau_host *host;
static void *take(void *call) { return host->arena_alloc(host, *(bureau_call *)call, 8, 8); }
#define AT_CALL host = self->host, pthread_create(&thread, NULL, take, &c->handle), pthread_join(thread, NULL)
#include "../sound.h"
