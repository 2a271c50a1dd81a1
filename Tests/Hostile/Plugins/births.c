/* births.c: the descriptor, the instance, and the code that runs before any task. Macros that the test gives say
 * what happens where. */
#define OWN_ENTRY
#include "hostile.h"

#include <signal.h>

#define LOOP_FOR_EVER for (;;) __asm__ volatile("")
#define CRASH (*(volatile int *)16 = 1)

#ifdef AT_LOAD
__attribute__((constructor)) static void at_load(void) { AT_LOAD; }
#endif
#ifndef AT_ENTRY
#define AT_ENTRY
#endif
#ifndef AT_CREATE
#define AT_CREATE
#endif
#ifndef AT_SETUP
#define AT_SETUP
#endif
#ifndef AT_DESTROY
#define AT_DESTROY
#endif
#ifndef CHANGE_ENTRY
#define CHANGE_ENTRY
#endif
#ifndef CHANGE_INSTANCE
#define CHANGE_INSTANCE
#endif

static const bureau_host *host_of_old;
static void *call_host(void *unused) {
  for (;;) {
    host_of_old->wake(host_of_old, 1);
    host_of_old->complete(host_of_old, 1u << 16, BUREAU_OK, BYTES("{}"), (bureau_str){NULL, 0});
    host_of_old->get_extension(host_of_old, TEXT("bureau.host.log/1"));
    sleep_milliseconds(1);
  }
}
static void call_host_from_thread(const bureau_host *host) {
  pthread_t thread;
  host_of_old = host;
  pthread_create(&thread, NULL, call_host, NULL);
}
static void *do_nothing(void *unused) {
  for (;;) pause();
}

/* Manifests that are too large or too deep to be written down. */
static inline bureau_buf repeated(const char *head, char filler, uint64_t count) {
  char *text = malloc(strlen(head) + count);
  memcpy(text, head, strlen(head));
  memset(text + strlen(head), filler, count);
  return (bureau_buf){(const uint8_t *)text, strlen(head) + count};
}

static bureau_status tampered_setup(bureau_plugin *plugin, bureau_buf configuration) {
  agent *self = plugin->impl;
  (void)self;
  AT_SETUP;
  return skeleton_setup(plugin, configuration);
}
static void tampered_destroy(bureau_plugin *plugin) {
  agent *self = plugin->impl;
  (void)self;
  AT_DESTROY;
  skeleton_destroy(plugin);
}
static bureau_status tampered_create(const bureau_host *host, bureau_plugin **out) {
  AT_CREATE;
  bureau_status status = skeleton_create(host, out);
  bureau_plugin *instance = *out;
  instance->setup = tampered_setup;
  instance->destroy = tampered_destroy;
  CHANGE_INSTANCE;
  return status;
}

const bureau_entry *bureau_plugin_entry_v1(const bureau_host_info *host) {
  static bureau_entry entry;
  entry = (bureau_entry){.struct_size = sizeof entry,
                         .abi_major = BUREAU_ABI_MAJOR,
                         .id = TEXT("org.example.test"),
                         .version = TEXT("1.0.0"),
                         .toolchain = TEXT("c11"),
                         .manifest_json = BYTES(MANIFEST),
                         .create = tampered_create};
  AT_ENTRY;
  CHANGE_ENTRY;
  return &entry;
}

/* The tasks do no harm. */
static bureau_status on_begin(agent *agent, const bureau_task *task) { return finish(agent, task->call, "{}"); }
