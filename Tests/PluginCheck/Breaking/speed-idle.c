/* speed-idle: a thread that turns. */
#include <pthread.h>
#include <unistd.h>
static void *turn(void *none) {
  for (volatile int on = 1; on;) continue;
  return none;
}
static pthread_t thread;
#define AT_SETUP pthread_create(&thread, NULL, turn, NULL)
#include "../sound.h"
