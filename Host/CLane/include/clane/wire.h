/* wire.h: what passes between the host's Swift side and a lane, through a worker's socket or inline through a
 * queue. Host-internal, never seen by a plugin; both sides are built together, and the handshake proves it.
 *
 * A frame is a header of 24 bytes and `length` bytes of fields. A field is a tag byte and then, when the tag has
 * its high bit set, a 64-bit number; otherwise a 32-bit length and that many bytes. All numbers are little-endian.
 * A reader skips tags it does not know and refuses a tag that comes twice.
 */
#ifndef CLANE_WIRE_H
#define CLANE_WIRE_H

#include <stdint.h>

#define LANE_PROTOCOL_VERSION 3u
#define LANE_HEADER_BYTES 24u
/* The largest payload of the ABI, plus names, numbers and field heads. */
#define LANE_MAX_BODY_BYTES 16842752u /* 16 MiB and 64 KiB */

typedef struct lane_header {
  uint32_t length; /* of the body */
  uint16_t kind;
  uint16_t lane;     /* which of HELLO's files it belongs to; 0 in HELLO and CONFINED */
  uint64_t call;     /* 0: none */
  uint64_t op;       /* an operation; an instance in CREATE…DESTROYED, BEGIN and QUIESCE…PROBE; a number in PING */
} lane_header;

_Static_assert(sizeof(lane_header) == LANE_HEADER_BYTES, "the header has no padding");

/* Kinds, host to lane. */
enum {
  LANE_HELLO = 1, /* PROTOCOL, NAME, VERSION, LEVEL, MEMORY, CPU, KIND: first, once; its descriptors are the files */
  LANE_CREATE,    /* op instance; DATA the configuration                             */
  LANE_DESTROY,   /* op instance                                                     */
  LANE_BEGIN,     /* call, op instance; TASK, DATA, ATTEMPT, IDEMPOTENCY, RUN, TIMEOUT */
  LANE_CANCEL,    /* call; STATUS the reason                                         */
  LANE_EVENT,     /* call, op; KIND, STATUS, FLAGS, VALUE, DATA, TEXT, USAGE_…       */
  LANE_PING,      /* op a number                                                     */
  LANE_QUIESCE,   /* op instance; TIMEOUT: take no more work                         */
  LANE_SAVE,      /* op instance                                                     */
  LANE_LOAD,      /* op instance; VALUE schema version, DATA                         */
  LANE_RESUME,    /* op instance: the reload was rolled back                         */
  LANE_PROBE      /* op instance                                                     */
};

/* Kinds, lane to host. */
enum {
  LANE_READY = 65, /* PROTOCOL, ABI_MAJOR, ABI_MINOR, ID, VERSION, TOOLCHAIN, MANIFEST */
  LANE_REFUSED,    /* CODE, TEXT: the file cannot be run; nothing follows from its lane          */
  LANE_CREATED,    /* op instance; CODE 0 or why not, TEXT                                      */
  LANE_DESTROYED,  /* op instance                                                               */
  LANE_START,      /* call, op; SERVICE, FLAGS, STEP_NAME and the service's fields              */
  LANE_RECORD,     /* call, op; TICKET, STATUS, DATA, TEXT                                      */
  LANE_COMPLETE,   /* call; STATUS, DATA, TEXT: the call has ended                              */
  LANE_EMIT,       /* call; KIND, DATA                                                          */
  LANE_LOG,        /* call or 0; LEVEL, TEXT                                                    */
  LANE_CANCEL_OP,  /* call, op                                                                  */
  LANE_GRANT,      /* call, op; VALUE chunks                                                    */
  LANE_MISBEHAVED, /* call or 0; TEXT                                                           */
  LANE_PONG,       /* op the number                                                             */
  LANE_CONFINED,   /* SANDBOX: before HELLO, so that no plugin's code can have written it       */
  LANE_ANSWERED    /* op instance; KIND the question (QUIESCE…PROBE), STATUS, FLAGS, VALUE, DATA, TEXT */
};

/* FLAGS of ANSWERED: which of the tables that concern a reload the instance has. */
#define LANE_HAS_RELOAD 1u
#define LANE_HAS_STATE 2u

/* What the file of HELLO is: its KIND. Only plugins can be several. */
enum {
  LANE_LOAD_PLUGIN = 0,
  LANE_LOAD_LIBRARY, /* a plain library, whose functions are called                       */
  LANE_LOAD_LIBC     /* the C library: no process can hold two, so the worker's own is it */
};

/* Why a file or an instance is refused. */
enum {
  LANE_PROBLEM_NONE = 0,
  LANE_PROBLEM_LOAD,          /* the dynamic loader refuses the file                  */
  LANE_PROBLEM_MISSING_ENTRY, /* no entry symbol                                      */
  LANE_PROBLEM_ABI,           /* null entry, other major, too small, field not set    */
  LANE_PROBLEM_CREATE,        /* `create` failed or gave an unusable instance         */
  LANE_PROBLEM_EARLY_CALL,    /* the host was called before `setup`                   */
  LANE_PROBLEM_SETUP,         /* `setup` failed                                       */
  LANE_PROBLEM_BUSY           /* a bound of this host is reached                      */
};

/* Services: what an effect asks. The numbers are those of Kernel's EffectKind. */
enum {
  LANE_SERVICE_STEP = 0,
  LANE_SERVICE_MODEL,
  LANE_SERVICE_TOOL,
  LANE_SERVICE_HTTP,
  LANE_SERVICE_STATE_GET,
  LANE_SERVICE_STATE_PUT,
  LANE_SERVICE_STATE_REMOVE,
  LANE_SERVICE_STATE_LIST,
  LANE_SERVICE_ARTIFACT_PUT,
  LANE_SERVICE_ARTIFACT_GET,
  LANE_SERVICE_CHILD,
  LANE_SERVICE_PLAN,
  LANE_SERVICE_MESSAGE,
  LANE_SERVICE_APPROVAL,
  LANE_SERVICE_SLEEP,
  LANE_SERVICE_NOW,
  LANE_SERVICE_RANDOM,
  LANE_SERVICE_BUDGET_REMAINING,
  LANE_SERVICE_BUDGET_RESERVE,
  LANE_SERVICE_BUDGET_RELEASE,
  LANE_SERVICE_AUDIT_NOTE
};

/* Tags of byte fields. */
enum {
  LANE_STEP_NAME = 1,
  LANE_KEY,
  LANE_DATA,
  LANE_OPTIONS,
  LANE_METHOD,
  LANE_URL,
  LANE_HEADERS,
  LANE_DEPARTMENT,
  LANE_TASK,
  LANE_TITLE,
  LANE_MEDIA_TYPE,
  LANE_TYPE,
  LANE_TEXT,
  LANE_RUN,
  LANE_IDEMPOTENCY,
  LANE_ID,
  LANE_VERSION,
  LANE_TOOLCHAIN,
  LANE_MANIFEST,
  LANE_NAME,
  LANE_SANDBOX
};

/* Tags of numbers. */
enum {
  LANE_SERVICE = 0x81,
  LANE_FLAGS,
  LANE_TIMEOUT, /* milliseconds */
  LANE_LIMIT,   /* of tokens, bytes or a count */
  LANE_COST,    /* nanodollars */
  LANE_CREDIT,  /* chunks */
  LANE_REVISION,
  LANE_TICKET,
  LANE_STATUS,
  LANE_VALUE,
  LANE_KIND,
  LANE_ATTEMPT,
  LANE_PROTOCOL,
  LANE_ABI_MAJOR,
  LANE_ABI_MINOR,
  LANE_CODE,
  LANE_LEVEL,
  LANE_USAGE_PRESENT,
  LANE_USAGE_INPUT,
  LANE_USAGE_CACHED_READ,
  LANE_USAGE_CACHE_WRITE,
  LANE_USAGE_OUTPUT,
  LANE_USAGE_REASONING,
  LANE_USAGE_COST,
  LANE_MEMORY, /* bytes of address space */
  LANE_CPU     /* seconds; 0: no limit */
};

#endif
