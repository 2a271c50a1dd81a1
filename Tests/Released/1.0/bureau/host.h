/* host.h: what every plugin instance gets from its host.
 *
 * The table is small and never grows in meaning: all services are extensions, reached by string id and
 * revision, e.g. "bureau.host.model/1". An unknown id returns null and the plugin does without. A new shape is
 * a new revision; a draft keeps its final id.
 */
#ifndef BUREAU_HOST_H
#define BUREAU_HOST_H

#include "base.h"

BUREAU_EXTERN_C_BEGIN

/* Kinds for `emit`. */
#define BUREAU_EMIT_PROGRESS 1u /* JSON {"fraction_milli":0..1000,"text":"…"}, shown live, never journaled */
#define BUREAU_EMIT_PARTIAL 2u  /* a piece of output text, shown live, never journaled                     */

typedef struct bureau_host {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;
  void *impl; /* the host's own */

  /* [any] The table for `id`, valid until `destroy` returns, or null. */
  const void *(*get_extension)(const struct bureau_host *host, bureau_str id);

  /* [lane] `size` bytes aligned to `align` (a power of two, at most 4096) that live until `call` completes;
   * null when the call is stale or its arena is full. */
  void *(*arena_alloc)(const struct bureau_host *host, bureau_call call, uint64_t size, uint64_t align);

  /* [any] Something to show while the task runs. `data` is copied. Floods are dropped and counted. */
  bureau_status (*emit)(const struct bureau_host *host, bureau_call call, uint32_t kind, bureau_buf data);

  /* [any] Ends the call, exactly once. With BUREAU_OK `result` is the task's output (JSON); otherwise `message`
   * says what went wrong. Both are copied. Afterwards `call` is stale and its open operations are abandoned. */
  bureau_status (*complete)(const struct bureau_host *host, bureau_call call, bureau_status status,
                            bureau_buf result, bureau_str message);

  /* [any] 1 when the call was cancelled or is stale, else 0. */
  uint32_t (*is_cancelled)(const struct bureau_host *host, bureau_call call);

  /* [any] Asks for one later `on_wake(token)` on the lane. */
  bureau_status (*wake)(const struct bureau_host *host, uint64_t token);
} bureau_host;

BUREAU_EXTERN_C_END

#endif
