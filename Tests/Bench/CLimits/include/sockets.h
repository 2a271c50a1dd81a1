#pragma once

#include <stdint.h>

/* A client of thousands of WebSockets in one thread, and with as little as can be. */
struct limit_sockets;

/* Opens `count` sockets on loopback and subscribes each to all events; null when one is refused. */
struct limit_sockets *limit_sockets_open(uint16_t port, uint32_t count);

/* Sends `request` on a connection of its own, `rounds` times, and takes how long it took until each socket heard of it,
   in `rounds × count` places. Not 0 when one did not within 30 s. */
int limit_sockets_broadcast(
    struct limit_sockets *sockets, const char *request, uint32_t rounds, double *milliseconds);

void limit_sockets_close(struct limit_sockets *sockets);
