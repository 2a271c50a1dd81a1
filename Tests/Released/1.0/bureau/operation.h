/* operation.h: asynchronous host operations.
 *
 * Every service function that takes a `bureau_step` and a `bureau_op *out` works the same way:
 *   - it copies its arguments, returns at once, and is tagged [any];
 *   - on BUREAU_OK it has issued an operation, and exactly one terminal event for it will reach
 *     `bureau_plugin.on_event`, on the lane, later than the call that started it, unless the task's call ends
 *     first;
 *   - on a failure status there is no operation and no event.
 *
 * THE STEP. Each operation is an effect, written once to the run's journal under the step's name. When the run
 * is replayed (after a crash, a reload, or for a test), the recorded result is delivered and nothing is done or
 * paid again. The host digests kind and request into a shape; a replay that asks for another shape under the
 * same name pauses the run with BUREAU_E_REPLAY. So: name steps that run in parallel, keep their requests free
 * of clocks and addresses, and take time and randomness from the clock and random services.
 *
 * Example: two parallel model calls.
 *     bureau_step a = {sizeof a, 0, 1, str("summary")};
 *     bureau_step b = {sizeof b, 0, 2, str("title")};
 *     model->start(host, call, &a, &request_a, &op_a);
 *     model->start(host, call, &b, &request_b, &op_b);
 *     // on_event: event->token tells them apart
 */
#ifndef BUREAU_OPERATION_H
#define BUREAU_OPERATION_H

#include "host.h"

BUREAU_EXTERN_C_BEGIN

/* What to do with an effect that was sent but whose answer is unknown after a crash. */
#define BUREAU_STEP_AMBIGUOUS_DEFAULT 0u /* model calls and GETs retry; tools and other HTTP ask a person */
#define BUREAU_STEP_AMBIGUOUS_RETRY 1u
#define BUREAU_STEP_AMBIGUOUS_ASK 2u
#define BUREAU_STEP_AMBIGUOUS_FAIL 3u

typedef struct bureau_step {
  uint32_t struct_size;
  uint32_t flags;  /* one of BUREAU_STEP_AMBIGUOUS_… */
  uint64_t token;  /* yours; comes back in each event of the operation */
  bureau_str name; /* at most BUREAU_MAX_NAME_BYTES; empty: the host numbers steps by kind, in start order.
                      The same name again in one run is told apart by its occurrence. */
} bureau_step;

/* Kinds of event. CHUNK is not terminal; the others are, and the operation's handle is then stale. */
#define BUREAU_EVENT_CHUNK 1u     /* a piece of a streamed answer; never journaled, never replayed      */
#define BUREAU_EVENT_DONE 2u      /* status OK; data is the result                                      */
#define BUREAU_EVENT_FAILED 3u    /* status says how, message says what and what to do                  */
#define BUREAU_EVENT_CANCELLED 4u /* by `cancel` below or because the run was cancelled                 */
#define BUREAU_EVENT_COMPUTE 5u   /* answer to step.begin: not recorded yet; compute it, then `record`  */

#define BUREAU_EVENT_FLAG_REPLAYED 1u /* taken from the journal: nothing was done or paid this time */

/* What one model call used. Absent counts are 0; `present` has a bit for each count that the provider gave. */
typedef struct bureau_usage {
  uint32_t struct_size;
  uint32_t present; /* 1 input, 2 cached_read, 4 cache_write, 8 output, 16 reasoning */
  uint64_t input_tokens, cached_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens;
  int64_t cost_nanodollars;
} bureau_usage;

typedef struct bureau_event {
  uint32_t struct_size;
  uint32_t kind;
  bureau_call call;
  bureau_op op;
  uint64_t token; /* from the step */
  bureau_status status;
  uint32_t flags;
  uint64_t value;            /* a number, where the service says so: a revision, a ticket, milliseconds */
  bureau_buf data;           /* borrowed until on_event returns */
  bureau_str message;        /* borrowed until on_event returns */
  const bureau_usage *usage; /* model calls only, else null     */
} bureau_event;

#define BUREAU_HOST_OPERATION "bureau.host.operation/1"
typedef struct bureau_host_operation {
  uint32_t struct_size, reserved;

  /* [any] A request, not a promise: the terminal event still comes, DONE when the answer was faster. */
  bureau_status (*cancel)(const bureau_host *host, bureau_op op);

  /* [any] Allows `chunks` more CHUNK events. Without credit the host keeps the text back, it loses nothing. */
  bureau_status (*grant)(const bureau_host *host, bureau_op op, uint64_t chunks);
} bureau_host_operation;

BUREAU_EXTERN_C_END

#endif
