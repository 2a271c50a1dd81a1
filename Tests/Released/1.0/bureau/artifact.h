/* artifact.h: what a run leaves behind, by content. The same bytes are stored once; a digest never lies. */
#ifndef BUREAU_ARTIFACT_H
#define BUREAU_ARTIFACT_H

#include "operation.h"

BUREAU_EXTERN_C_BEGIN

#define BUREAU_HOST_ARTIFACT "bureau.host.artifact/1"
typedef struct bureau_host_artifact {
  uint32_t struct_size, reserved;

  /* [any] EVENT_DONE: data is the SHA-256 of `bytes` in 64 lower-case hex digits. `name` is a relative file name
   * ("report.md"); the run's latest artifact of that name wins. */
  bureau_status (*put)(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_str name,
                       bureau_str media_type, bureau_buf bytes, bureau_op *out);

  /* [any] EVENT_DONE: data is the bytes, message the media type. Only artifacts of this run, of its ancestors
   * and of their children are visible: others are BUREAU_E_NOT_FOUND. */
  bureau_status (*get)(const bureau_host *host, bureau_call call, const bureau_step *step, bureau_str digest,
                       bureau_op *out);
} bureau_host_artifact;

BUREAU_EXTERN_C_END

#endif
