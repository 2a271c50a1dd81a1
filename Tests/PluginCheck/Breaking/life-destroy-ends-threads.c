/* life-destroy-ends-threads: leaves a thread behind. */
#include <pthread.h>
#include <unistd.h>
static void *wait_for_ever(void *none) { return pause(), none; }
static pthread_t thread;
#define AT_SETUP pthread_create(&thread, NULL, wait_for_ever, NULL)
#include "../sound.h"
