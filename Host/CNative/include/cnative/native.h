/* native.h: calls functions of plain C libraries, inside a worker.
 *
 * `native_load` makes a lane whose plugin is this adapter: a task's type is a symbol, its input a call block, its
 * result an answer block. So deadlines, kills, statistics and crash reports are those of every worker.
 */
#ifndef CNATIVE_NATIVE_H
#define CNATIVE_NATIVE_H

#include <clane/lane.h>

#include "block.h"

/* What the adapter calls itself. */
#define NATIVE_PLUGIN_ID "native"
#define NATIVE_PLUGIN_VERSION "1"

/* [lane] Loads the library that `descriptor` holds; it is never unloaded. With `is_libc` the process's own C library
 * is used, since no process can hold two. Null with a problem. Once a process. */
lane *native_load(int descriptor, uint32_t is_libc, const lane_sink *sink, const lane_options *options,
                  lane_problem *problem);

typedef struct native_call native_call;

/* [any] Reads a block and lays out its arguments in memory; nothing of the library runs. Null, with what is wrong
 * with the block. */
native_call *native_prepare(const uint8_t *block, uint64_t length, const char **problem);

/* [lane] Calls `function`. The answer is the caller's, to be freed; null with what went wrong. */
uint8_t *native_perform(native_call *call, void (*function)(void), uint64_t *length, const char **problem);

void native_free(native_call *call);

#endif
