/* internal.h: what the files of this folder share. One probe a process, so its state is global. */
#ifndef CPROBE_INTERNAL_H
#define CPROBE_INTERNAL_H

#include <clane/lane.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "cprobe/probe.h"

extern uint64_t probe_flags;

/* frames.c: to and from the socket. */
#define MESSAGE_BYTES 2048u
typedef struct message {
  uint16_t kind;
  uint32_t used;
  bureau_buf data; /* sent as PROBE_TAG_DATA after the rest */
  uint8_t bytes[MESSAGE_BYTES];
} message;

void frames_use(int socket);
void message_start(message *message, uint16_t kind);
void message_number(message *message, uint8_t tag, uint64_t value);
void message_text(message *message, uint8_t tag, const void *text, uint64_t length);
void message_send(const message *message);
void frames_send(void *context, const lane_frame *frame);
/* Exactly `length` bytes, and the descriptors that came with them. False when the other end is gone. */
bool frames_receive(void *bytes, size_t length, int *descriptor);
uint64_t field_number(const uint8_t *body, uint32_t length, uint8_t tag);
bureau_buf field_bytes(const uint8_t *body, uint32_t length, uint8_t tag);

/* memory.c: borrowed bytes and arena blocks, taken back. */
uint8_t *memory_body(uint32_t length);
void memory_lend(uint8_t *body, int kind);
void memory_take_back(uint8_t *body);
void *memory_arena(bureau_call call, uint64_t size, uint64_t align);
void memory_end_call(bureau_call call);
void memory_watch_faults(void);

/* wrap.c: the tables between lane and plugin. */
typedef struct wrapper {
  bureau_plugin outer; /* first: what the lane holds */
  struct {
    bureau_host table;
    uint8_t later[64]; /* fields that a newer host would have */
  } host;              /* what the plugin holds */
  const bureau_host *lane_host;
  bureau_plugin *inner;
  uint64_t number;
  bool is_open;
} wrapper;

void wrap_entry(lane_entry_function entry);
const bureau_entry *wrapped_entry(const bureau_host_info *info);
void wrap_expect(uint64_t number);
wrapper *wrap_find(uint64_t number);
void wrap_measure(message *message);
uint64_t nanoseconds(void);

/* questions.c: what the lane has no frame for. Runs on the instance's lane, by a wake. */
#define QUESTION_TOKEN 0x70726f6265717565u
void question_ask(lane *lane, const lane_header *header, const uint8_t *body);
void question_answer(wrapper *wrapper);
void question_entry(lane_entry_function entry, const lane_header *header, const uint8_t *body);
void question_measure(void);

#endif
