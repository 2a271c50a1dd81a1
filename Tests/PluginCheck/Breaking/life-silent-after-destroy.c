/* life-silent-after-destroy: a thread calls the host when the instance is gone. */
#include <bureau/bureau.h>
#include <pthread.h>
#include <unistd.h>
static pthread_t thread;
static void *call_late(void *host) {
  usleep(20000);
  ((const bureau_host *)host)->wake(host, 1);
  return NULL;
}
#define AT_DESTROY pthread_create(&thread, NULL, call_late, (void *)self->host)
#include "../sound.h"
