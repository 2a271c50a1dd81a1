/* cancel-repeated: ends a little later, and dies of a second cancel before. */
#include <bureau/bureau.h>
#include <pthread.h>
#include <unistd.h>
#include <stdlib.h>
static pthread_t thread;
static const bureau_host *host;
static bureau_call last;
static void *complete_soon(void *none) {
  usleep(30000);
  host->complete(host, last, BUREAU_E_CANCELLED, (bureau_buf){0}, (bureau_str){"cancelled", 9});
  return none;
}
static void begin_to_end(const bureau_host *its_host, bureau_call call) {
  if (last == call) abort();
  host = its_host;
  last = call;
  pthread_create(&thread, NULL, complete_soon, NULL);
}
#define AT_CANCEL begin_to_end(self->host, call)
#include "../sound.h"
