/* process.h: the few system calls of the placement that Swift cannot import or that must happen as one piece. */
#ifndef CLANE_PROCESS_H
#define CLANE_PROCESS_H

#include <stdint.h>

#include "ring.h"

/* Fixed descriptors of a worker: those that it is started with. What it loads comes later, with HELLO. */
#define LANE_WORKER_SOCKET 3
#define LANE_WORKER_RING 4
#define LANE_WORKER_CRASH 5 /* crash.h */
#define LANE_WORKER_LAST LANE_WORKER_CRASH

/* How many files HELLO may hand over. */
#define LANE_MAX_DESCRIPTORS 16

/* How a worker exits that has lost its socket, or was sent what it does not understand. */
#define LANE_WORKER_EXIT_BROKEN 70

/* Copies a regular file into a new sealed memfd: whatever happens to the file afterwards, what was checked is what
 * is loaded. Returns the descriptor, or -errno; -EFBIG past `limit` bytes, -EINVAL for what is not a regular file. */
int lane_seal_file(const char *path, uint64_t limit);

typedef struct lane_process {
  int pid; /* the process that was started, and that ends as the one with the plugin ended */
  int pidfd;
  int plugin_pid; /* the process that has the plugin: in a process namespace a child of that one */
  int plugin_pidfd;
  int socket; /* the host's end */
  int output; /* what the worker prints; non-blocking */
  int crash;  /* the page of crash.h */
  lane_ring *ring; /* null if the mode is not LANE_WORKER_SERVE */
} lane_process;

/* The mode of a worker that serves a plugin. */
#define LANE_WORKER_SERVE "--serve"

/* Starts `worker` (an absolute path) with nothing of the host's environment, a socket and, to serve, a ring.
 * `libraries` are folders, parted by colons, from which a plugin may load libraries. 0 or -errno. The calling thread
 * must live as long as the worker: the kernel ends the worker with the thread that started it. */
int lane_process_start(const char *worker, const char *mode, const char *libraries, lane_process *out);

/* Waits for the frame with which a worker says how it is confined, and learns from the kernel which process sent it.
 * Returns the bytes of the frame; -EPIPE when the worker ended, -ETIMEDOUT, -EPROTO for more or less than a frame. */
int lane_process_confined(lane_process *process, void *frame, uint32_t capacity, int milliseconds);

/* The folder of a library that this process has loaded, by the library's file name. 0, or -ENOENT. */
int lane_library_folder(const char *library, char *folder, uint32_t capacity);

/* Sends a frame together with descriptors, which the other side gets as its own. Waits while the socket is full.
 * 0 or -errno. */
int lane_send_descriptors(int socket, const void *frame, uint64_t length, const int *descriptors, uint32_t count);

/* True once the process with the plugin has ended, reaped or not. */
int lane_process_has_ended(const lane_process *process);

/* Sends SIGKILL to the process with the plugin, unless it has ended already; the other one follows. */
void lane_process_kill(const lane_process *process);

/* Waits up to `milliseconds` for the end and reaps it. 1 with how it ended (a signal or an exit code, the other is
 * -1), 0 when it still runs. */
int lane_process_reap(int pidfd, int milliseconds, int *signal_number, int *exit_code);

/* A pipe whose ends are non-blocking and close on exec. 0 or -errno. */
int lane_pipe(int ends[2]);

/* Names the calling thread, for people who look at the process. At most 15 bytes. */
void lane_name_thread(const char *name);

#endif
