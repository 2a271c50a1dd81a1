/* egress.h: what starting and confining the egress process needs of the system and Swift cannot say. */
#ifndef CEGRESS_EGRESS_H
#define CEGRESS_EGRESS_H

#include <stdint.h>

/* The descriptor on which a started process finds its end of the socket. */
#define EGRESS_SOCKET 3

/* Starts `arguments[0]` in a session of its own, with the caller's environment, default signals, no descriptor but
 * the socket, and nothing to read or print. 0 or an errno. The socket is the caller's, and closes with an exec. */
int egress_spawn(char *const arguments[], int *socket, int32_t *process);

/* A descriptor that one thread writes to and another one waits for (eventfd). -1 when there is none to be had. */
int egress_event(void);

/* 1 while the other side of the socket has not closed, whatever is left to read. */
int egress_is_connected(int socket);

/* Confines the calling process, before it has a second thread: it writes in `folder` only and starts no programs
 * (where the kernel has Landlock), shows its memory to nobody, leaves no core, and outlives signals that are meant for
 * the host's group. 0 or an errno; ENOSYS and EOPNOTSUPP when only Landlock is missing. */
int egress_confine(const char *folder);

#endif
