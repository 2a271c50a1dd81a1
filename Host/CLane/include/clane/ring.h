/* ring.h: the way of all frames between the host and a worker: two byte streams through one piece of shared memory,
 * one in each direction, beside the socket that the worker was started with.
 *
 * IDEA. A producer copies its bytes behind the tail and moves the tail; a consumer copies them out and moves the
 * head. While both sides are awake that is all: no system call. A side that finds nothing looks for a moment longer
 * (a bounded spin), then says that it is asleep, and whoever then has something for it wakes it: the worker, which
 * waits at a word of the memory, or the host, which waits at the socket for a byte, the bell. Frames may be larger
 * than the ring: they pass through in pieces, so there is one order.
 *
 * HOSTILE MEMORY. A plugin can write anything anywhere in the memory at any time. The host therefore
 * - keeps its own head and tail outside of it, and only ever reads the other side's index: once, into a variable;
 * - takes an index that is impossible (more waiting than the ring holds) as the end of the worker;
 * - copies bytes out before anything looks at them, at masked offsets of its own;
 * - waits at the socket, which it can shut itself, and not at a word that the worker could keep from changing.
 * What is left to a hostile worker: wrong bytes, which the frame reader judges, and bells, which cost it as much.
 *
 * THREADS. Of one side: one thread consumes (`read`, `await`), one at a time produces (`put`, `publish`, …).
 */
#ifndef CLANE_RING_H
#define CLANE_RING_H

#include <stdint.h>

/* Of each direction; a power of two. Small enough to stay in a core's cache. */
#define LANE_RING_BYTES 262144u

/* The byte that wakes the host. */
#define LANE_RING_BELL 0x07

/* At most this long a side looks before it sleeps: longer than waking another core takes (about 5 µs), so that a
 * conversation goes on without system calls. It looks only when the last pause was shorter than that. */
#define LANE_RING_SPIN_NANOSECONDS 30000u

/* What `await` found. */
#define LANE_RING_READY 1   /* bytes, or room for the bytes of the producer, or a rouse */
#define LANE_RING_ENDED 0   /* the other side is done or gone; what the ring still holds was put before that */
#define LANE_RING_BROKEN -1 /* a worker sent other bytes than bells, or descriptors */

/* One side's view. */
typedef struct lane_ring lane_ring;

/* The host's side. `*descriptor` is the memory for the worker: its size is sealed, and it can never be executed.
 * 0 or -errno. The socket stays the caller's. */
int lane_ring_create(int socket, lane_ring **out, int *descriptor);

/* The worker's side, of the descriptor that it was started with, which is closed. Null on failure. */
lane_ring *lane_ring_open(int socket, int descriptor);

void lane_ring_close(lane_ring *ring);

/* [producer] Copies what fits behind what was put before. Returns how many bytes, or -1 when the other side's index
 * is impossible. Nothing is seen before `publish`. */
int64_t lane_ring_put(lane_ring *ring, const void *bytes, uint64_t length);

/* [producer] Shows what was put, and wakes the other side if it sleeps. Never blocks. */
void lane_ring_publish(lane_ring *ring);

/* [producer] After a `put` that did not fit: asks for a bell when the worker has read. 1 when there is room already,
 * and no bell may come. For the host, which must not block. */
int lane_ring_want_room(lane_ring *ring);

/* [producer] The same for the worker, which blocks until there is room. LANE_RING_READY, or LANE_RING_ENDED when
 * the host is gone. */
int lane_ring_await_room(lane_ring *ring);

/* [consumer] Copies out up to `capacity` bytes that wait. Returns how many, or -1 when the other side's index is
 * impossible. */
int64_t lane_ring_read(lane_ring *ring, void *bytes, uint64_t capacity);

/* [consumer] Waits until something is there. Spins first, if `spins` and the last pause was short. */
int lane_ring_await(lane_ring *ring, int spins);

/* [producer] Of the host: nothing more will be put. */
void lane_ring_finish(lane_ring *ring);

/* [any] Of the worker: the host has said so. */
int lane_ring_is_finished(const lane_ring *ring);

/* [any] Of the worker: `await` returns, now or the next time. */
void lane_ring_rouse(lane_ring *ring);

#endif
