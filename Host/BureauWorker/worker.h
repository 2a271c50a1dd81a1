/* worker.h: the parts of bureau-worker. */
#ifndef WORKER_H
#define WORKER_H

#include <clane/lane.h>
#include <clane/process.h>
#include <stdbool.h>
#include <stddef.h>

/* output.c: frames to the host. Ends the process when the host is gone. */
void output_send(void *context, const lane_frame *frame);
void output_refuse(const lane_problem *problem);
void output_confined(const char *report, uint32_t length);

/* input.c: frames from the host. */
typedef struct input input;
input *input_open(void);

/* Waits for the first frame and for the descriptors that come with it; more than LANE_MAX_DESCRIPTORS end the
 * process. The body stays where it is until `input_next`. Returns how many descriptors. */
uint32_t input_first(input *input, lane_header *header, const uint8_t **body,
                     int descriptors[static LANE_MAX_DESCRIPTORS]);

/* Reads what is there, waiting for the first byte if `wait`. Ends the process when the host is gone. */
void input_fill(input *input, bool wait);

/* The next whole frame, or false. Its body stays where it is until the next call. */
bool input_next(input *input, lane_header *header, const uint8_t **body);

/* True when the pump has read what `input_next` has not given out yet. */
bool input_waits(const input *input);

/* Inside a callback: reads what is there and marks the calls that were cancelled. */
void input_pump(input *input, lane *lane);

#endif
