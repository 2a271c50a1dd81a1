/* worker.h: the parts of bureau-worker. */
#ifndef WORKER_H
#define WORKER_H

#include <clane/lane.h>
#include <clane/process.h>
#include <clane/ring.h>
#include <stdbool.h>
#include <stddef.h>

/* crash.c: from here on a deadly signal leaves a report for the host. Once, before any foreign code. */
void crash_install(void);

/* A stack that overflowed has no room for a handler: gives the calling thread another one. */
bool crash_guard_thread(void);

/* Tells the report where things are loaded, and which descriptors the plugins came from. */
void crash_note_objects(const int *files, uint32_t count);

/* output.c: frames to the host, from any thread. Ends the process when the host is gone. */
void output_open(lane_ring *ring);
void output_send(void *context, const lane_frame *frame);
void output_refuse(uint16_t lane, const lane_problem *problem);
/* The first frame, by the socket: the kernel tells the host which process sent it. */
void output_confined(const char *report, uint32_t length);

/* input.c: frames from the host. */
typedef struct input input;
input *input_open(lane_ring *ring);

/* Waits for the first frame, the only one that comes by the socket, and for the descriptors that come with it; more
 * than LANE_MAX_DESCRIPTORS end the process. The body stays where it is until `input_fill`. Returns how many
 * descriptors. */
uint32_t input_first(input *input, lane_header *header, const uint8_t **body,
                     int descriptors[static LANE_MAX_DESCRIPTORS]);

/* Reads what is there; if `wait`, waits for something or for `lane_ring_rouse`. False when nothing will come any more:
 * the host has said goodbye, or is gone. */
bool input_fill(input *input, bool wait);

/* The next whole frame, or false. Its body stays where it is until the next call. */
bool input_next(input *input, lane_header *header, const uint8_t **body);

/* Inside a callback: reads what is there and marks the calls that were cancelled. */
void input_pump(input *input, lane *lane);

/* lanes.c: several plugins, each with its lane on a thread of its own. */

/* The sink of the lane with this number. */
lane_sink lanes_sink(uint16_t number);

/* Starts the lane's thread. False when there is none to be had. */
bool lanes_start(uint16_t number, lane *lane);

/* Passes frames on to the lanes until nothing will come any more and they have worked through what came. Returns how
 * the process exits. */
int lanes_route(input *input);

#endif
