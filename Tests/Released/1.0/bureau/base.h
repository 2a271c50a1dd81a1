/* base.h: the vocabulary of the boundary.
 *
 * Everything that crosses is a fixed-width integer, a pointer with a length, or a table of functions.
 * There is no bool, no C enum as a parameter, no variadic function and no NUL-terminated payload.
 *
 * THREADS. Each function below carries one tag:
 *   [lane]  called by the host on the instance's lane: serial, never two at once, not bound to an OS thread.
 *   [any]   may be called from any thread, at any time between `setup` and the return of `destroy`.
 *
 * OWNERSHIP. Unless a type's name says who owns it, a pointer is borrowed until the call it was passed to
 * returns. The receiver copies what it wants to keep. Neither side ever frees the other side's memory.
 *
 * GROWTH. A struct that may grow starts with `struct_size`, set by the side that owns the memory. Fields are
 * only ever appended; read a field of the other side through BUREAU_HAS. A growable struct is never embedded
 * in another one nor put into an array.
 */
#ifndef BUREAU_BASE_H
#define BUREAU_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define BUREAU_EXTERN_C_BEGIN extern "C" {
#define BUREAU_EXTERN_C_END }
#else
#define BUREAU_EXTERN_C_BEGIN
#define BUREAU_EXTERN_C_END
#endif

#define BUREAU_EXPORT __attribute__((visibility("default")))

#define BUREAU_ABI_MAJOR 1u /* also in the name of the entry symbol; never changes inside a major */
#define BUREAU_ABI_MINOR 0u /* grows with appended fields and new extension ids                   */

BUREAU_EXTERN_C_BEGIN

/* UTF-8 text, borrowed. `ptr` may be null when `len` is 0. */
typedef struct bureau_str {
  const char *ptr;
  uint64_t len;
} bureau_str;

/* Bytes, borrowed. `ptr` may be null when `len` is 0. */
typedef struct bureau_buf {
  const uint8_t *ptr;
  uint64_t len;
} bureau_buf;

/* One task being executed, and one asynchronous host operation. Issued by the host, tagged with a generation:
 * a handle whose call or operation has ended answers BUREAU_E_STALE, it never reaches another one. 0 is none. */
typedef uint64_t bureau_call;
typedef uint64_t bureau_op;

/* Negative values are failures. Treat a value you do not know as BUREAU_E_INTERNAL. */
typedef int32_t bureau_status;
#define BUREAU_OK 0
#define BUREAU_E_INVALID (-1)       /* the request is malformed; the same request fails again           */
#define BUREAU_E_UNSUPPORTED (-2)   /* this host cannot do that; degrade                                */
#define BUREAU_E_DENIED (-3)        /* a grant or a policy refuses; the message names it                */
#define BUREAU_E_BUDGET (-4)        /* a hard cap would be passed; the message says which and what fits */
#define BUREAU_E_CANCELLED (-5)     /* the run was cancelled                                            */
#define BUREAU_E_DEADLINE (-6)      /* the time limit passed                                            */
#define BUREAU_E_BUSY (-7)          /* try later                                                        */
#define BUREAU_E_STALE (-8)         /* the handle's call or operation has ended                         */
#define BUREAU_E_STATE_VERSION (-9) /* saved state has a schema this code cannot read                   */
#define BUREAU_E_IO (-10)           /* the world outside failed: network, provider, disk                */
#define BUREAU_E_INTERNAL (-11)     /* a defect; the message says where                                 */
#define BUREAU_E_NOT_FOUND (-12)    /* no such key, artifact, department or task                        */
#define BUREAU_E_CONFLICT (-13)     /* the expected revision is not the current one                     */
#define BUREAU_E_TOO_LARGE (-14)    /* over a documented size limit                                     */
#define BUREAU_E_REPLAY (-15)       /* the request differs from the one recorded for this step          */

/* Limits that both sides know. Larger data goes through artifacts. */
#define BUREAU_MAX_MESSAGE_BYTES (16u * 1024u * 1024u)
#define BUREAU_MAX_NAME_BYTES 256u

/* True when `field` exists in the memory that the other side allocated, and is not null. */
#define BUREAU_HAS(pointer, field)                                                                     \
  ((pointer) &&                                                                                        \
   (pointer)->struct_size >= offsetof(__typeof__(*(pointer)), field) + sizeof((pointer)->field) &&     \
   (pointer)->field)

BUREAU_EXTERN_C_END

#endif
