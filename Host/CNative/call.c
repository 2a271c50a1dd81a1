/* One call: a checked block becomes arguments, the call, and the answer's bytes. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cnative/native.h"
#include "memory.h"
#include "types.h"

typedef struct buffer {
  guarded memory;
  type_node *element;
  uint64_t capacity, given;
  const uint8_t *packed; /* `given` elements in the block */
  uint32_t flags;
} buffer;

typedef struct argument {
  type_node *type;       /* null: a buffer */
  const uint8_t *packed; /* of a value */
  uint32_t buffer;
} argument;

struct native_call {
  type_pool types;
  uint64_t result_code; /* NATIVE_VOID, NATIVE_STRING, NATIVE_OWNED_STRING, or 0xFF: `result` */
  type_node *result;
  uint32_t argument_count, buffer_count;
  argument arguments[NATIVE_MAX_ARGUMENTS];
  buffer buffers[NATIVE_MAX_ARGUMENTS];
  guarded guards[NATIVE_MAX_ARGUMENTS];
  memory_map map;
  _Alignas(16) uint8_t values[NATIVE_MAX_ARGUMENTS][NATIVE_MAX_VALUE_BYTES];
  void *pointers[NATIVE_MAX_ARGUMENTS];
  void *places[NATIVE_MAX_ARGUMENTS];
  ffi_type *ffi[NATIVE_MAX_ARGUMENTS];
  ffi_cif interface;
};

#define RESULT_TYPED 0xFFu

static void read_result(native_call *call, reader *reader) {
  uint64_t code = reader->at < reader->length ? reader->bytes[reader->at] : 0;
  call->result_code = code;
  if (code == NATIVE_VOID || code == NATIVE_STRING || code == NATIVE_OWNED_STRING) {
    read_number(reader, 1);
    return;
  }
  call->result_code = RESULT_TYPED;
  call->result = type_read(&call->types, reader);
}

static void read_buffer(native_call *call, reader *reader, argument *argument, uint64_t *total) {
  argument->buffer = call->buffer_count;
  buffer *buffer = &call->buffers[call->buffer_count++];
  buffer->element = type_read(&call->types, reader);
  buffer->flags = (uint32_t)read_number(reader, 1);
  buffer->capacity = read_number(reader, 8);
  buffer->given = read_number(reader, 8);
  if (reader->problem) return;
  if (buffer->flags > (NATIVE_OUTPUT | NATIVE_TERMINATED)) read_fail(reader, "unknown flags of a buffer");
  if ((buffer->flags & NATIVE_TERMINATED) && buffer->element->ffi->size != 1)
    read_fail(reader, "only bytes end at a NUL");
  if (buffer->given > buffer->capacity) read_fail(reader, "more is given than there is room for");
  if (buffer->capacity > NATIVE_MAX_BUFFER_BYTES / buffer->element->ffi->size) {
    read_fail(reader, "the buffers are too large");
    return;
  }
  *total += buffer->capacity * buffer->element->ffi->size;
  if (*total > NATIVE_MAX_BUFFER_BYTES) read_fail(reader, "the buffers are too large");
  /* Cannot overflow: given is within the bound above, and packed is never more than the size. */
  buffer->packed = read_bytes(reader, buffer->given * buffer->element->packed);
}

static void read_call(native_call *call, reader *reader) {
  if (read_number(reader, 4) != NATIVE_CALL_MAGIC) read_fail(reader, "not a call");
  uint64_t count = read_number(reader, 2);
  if (read_number(reader, 2) != 0) read_fail(reader, "a reserved number is set");
  if (count > NATIVE_MAX_ARGUMENTS) read_fail(reader, "too many arguments");
  read_result(call, reader);
  uint64_t total = 0;
  for (uint64_t i = 0; i < count && !reader->problem; i++) {
    argument *argument = &call->arguments[call->argument_count++];
    uint64_t kind = read_number(reader, 1);
    if (kind == NATIVE_BUFFER) {
      read_buffer(call, reader, argument, &total);
    } else if (kind == NATIVE_VALUE) {
      argument->type = type_read(&call->types, reader);
      if (argument->type) argument->packed = read_bytes(reader, argument->type->packed);
    } else {
      read_fail(reader, "unknown kind of argument");
    }
  }
  if (!reader->problem && reader->at != reader->length) read_fail(reader, "the block goes on after its arguments");
}

static bool lay_out(native_call *call) {
  for (uint32_t i = 0; i < call->buffer_count; i++)
    call->guards[i].size = call->buffers[i].capacity * call->buffers[i].element->ffi->size;
  if (!memory_open(&call->map, call->guards, call->buffer_count)) return false;
  for (uint32_t i = 0; i < call->buffer_count; i++) {
    buffer *buffer = &call->buffers[i];
    buffer->memory = call->guards[i];
    const uint8_t *packed = buffer->packed;
    uint64_t size = buffer->element->ffi->size;
    if (buffer->element->field_count == 0) {
      if (buffer->given) memcpy(buffer->memory.bytes, packed, buffer->given * size);
      continue;
    }
    for (uint64_t n = 0; n < buffer->given; n++)
      packed = type_unpack(buffer->element, packed, buffer->memory.bytes + n * size);
  }
  for (uint32_t i = 0; i < call->argument_count; i++) {
    argument *argument = &call->arguments[i];
    if (argument->type) {
      type_unpack(argument->type, argument->packed, call->values[i]);
      call->ffi[i] = argument->type->ffi;
      call->places[i] = call->values[i];
    } else {
      call->pointers[i] = call->buffers[argument->buffer].memory.bytes;
      call->ffi[i] = &ffi_type_pointer;
      call->places[i] = &call->pointers[i];
    }
  }
  ffi_type *result = call->result                        ? call->result->ffi
                     : call->result_code == NATIVE_VOID ? &ffi_type_void
                                                        : &ffi_type_pointer;
  return ffi_prep_cif(&call->interface, FFI_DEFAULT_ABI, call->argument_count, result, call->ffi) == FFI_OK;
}

native_call *native_prepare(const uint8_t *block, uint64_t length, const char **problem) {
  *problem = NULL;
  if (length > NATIVE_MAX_BLOCK_BYTES) {
    *problem = "the block is too large";
    return NULL;
  }
  /* Large and mostly unused: fresh zero pages are touched only where a call needs them. */
  native_call *call = calloc(1, sizeof *call);
  if (!call) {
    *problem = "no memory for the call";
    return NULL;
  }
  reader reader = {block, length, 0, NULL};
  read_call(call, &reader);
  *problem = reader.problem;
  if (!*problem && !lay_out(call)) *problem = "no memory for the call's buffers, or a type that cannot be passed";
  if (!*problem) return call;
  native_free(call);
  return NULL;
}

void native_free(native_call *call) {
  memory_close(&call->map);
  free(call);
}

/* How many elements of a buffer go back. */
static uint64_t output_count(const buffer *buffer) {
  if (!(buffer->flags & NATIVE_TERMINATED)) return buffer->capacity;
  return strnlen((const char *)buffer->memory.bytes, buffer->capacity);
}

static uint8_t *put(uint8_t *to, const void *bytes, uint64_t count) {
  if (count) memcpy(to, bytes, count);
  return to + count;
}

static uint64_t answer_bytes(const native_call *call, uint64_t text_length) {
  uint64_t total = 8;
  if (call->result) total += call->result->packed;
  else if (call->result_code != NATIVE_VOID) total += 9 + text_length;
  for (uint32_t i = 0; i < call->buffer_count; i++)
    if (call->buffers[i].flags & NATIVE_OUTPUT)
      total += 8 + output_count(&call->buffers[i]) * call->buffers[i].element->packed;
  return total;
}

static uint8_t *answer(const native_call *call, int error, const uint8_t *value, const char *text,
                       uint64_t *length, const char **problem) {
  uint64_t text_length = text ? strnlen(text, NATIVE_MAX_STRING_BYTES + 1) : 0;
  *length = answer_bytes(call, text_length);
  if (text_length > NATIVE_MAX_STRING_BYTES || *length > 2 * (uint64_t)NATIVE_MAX_BLOCK_BYTES) {
    *problem = "the answer is larger than a call may return";
    return NULL;
  }
  uint8_t *bytes = malloc(*length);
  if (!bytes) {
    *problem = "no memory for the answer";
    return NULL;
  }
  const uint32_t magic = NATIVE_ANSWER_MAGIC;
  const int32_t number = error;
  uint8_t *to = put(put(bytes, &magic, sizeof magic), &number, sizeof number);
  if (call->result) {
    to = type_pack(call->result, value, to);
  } else if (call->result_code != NATIVE_VOID) {
    const uint8_t is_present = text != NULL;
    to = put(put(put(to, &is_present, 1), &text_length, sizeof text_length), text, text_length);
  }
  for (uint32_t i = 0; i < call->buffer_count; i++) {
    const buffer *buffer = &call->buffers[i];
    if (!(buffer->flags & NATIVE_OUTPUT)) continue;
    uint64_t count = output_count(buffer);
    to = put(to, &count, sizeof count);
    for (uint64_t n = 0; n < count; n++)
      to = type_pack(buffer->element, buffer->memory.bytes + n * buffer->element->ffi->size, to);
  }
  return bytes;
}

uint8_t *native_perform(native_call *call, void (*function)(void), uint64_t *length, const char **problem) {
  /* Integers narrower than a register come back as a whole register: their low bytes are first, the host is
   * little-endian. */
  _Alignas(16) uint8_t value[NATIVE_MAX_VALUE_BYTES + sizeof(ffi_arg)] = {0};
  *problem = NULL;
  errno = 0;
  ffi_call(&call->interface, function, value, call->places);
  const int error = errno;
  for (uint32_t i = 0; i < call->buffer_count; i++)
    if (!memory_is_intact(&call->buffers[i].memory)) {
      *problem = "the function wrote beside one of its buffers: its signature is wrong";
      return NULL;
    }
  char *text = NULL;
  if (!call->result && call->result_code != NATIVE_VOID) memcpy(&text, value, sizeof text);
  uint8_t *bytes = answer(call, error, value, text, length, problem);
  if (call->result_code == NATIVE_OWNED_STRING) free(text);
  return bytes;
}
