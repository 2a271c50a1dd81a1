/* entry-starts-no-threads: a constructor starts a thread. */
#include <pthread.h>
#include <unistd.h>
static void *wait_for_ever(void *none) { return pause(), none; }
static pthread_t thread;
#define AT_LOAD pthread_create(&thread, NULL, wait_for_ever, NULL)
#include "../sound.h"
