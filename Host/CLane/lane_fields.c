/* Frames as fields; the form is in clane/wire.h. */
#include "internal.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are copied as they lie in memory");

/* Smaller values are copied among the heads: a piece costs more than a short copy. */
#define COPY_BYTES 32u

void writer_init(field_writer *writer) {
  writer->count = writer->used = writer->run_start = 0;
  writer->length = 0;
}

static void close_run(field_writer *writer) {
  if (writer->used == writer->run_start) return;
  writer->pieces[writer->count++] =
      (lane_piece){writer->heads + writer->run_start, writer->used - writer->run_start};
  writer->run_start = writer->used;
}

void writer_number(field_writer *writer, uint8_t tag, uint64_t value) {
  if (writer->used + 9 > sizeof writer->heads) return;
  writer->heads[writer->used] = tag;
  memcpy(writer->heads + writer->used + 1, &value, sizeof value);
  writer->used += 9;
  writer->length += 9;
}

void writer_bytes(field_writer *writer, uint8_t tag, const void *bytes, uint64_t length) {
  if (writer->used + 5 + COPY_BYTES > sizeof writer->heads || writer->count + 3 > WRITER_PIECES) return;
  uint32_t size = (uint32_t)length;
  writer->heads[writer->used] = tag;
  memcpy(writer->heads + writer->used + 1, &size, sizeof size);
  writer->used += 5;
  writer->length += 5 + length;
  if (length == 0) return;
  if (length <= COPY_BYTES) {
    memcpy(writer->heads + writer->used, bytes, length);
    writer->used += (uint32_t)length;
    return;
  }
  close_run(writer);
  writer->pieces[writer->count++] = (lane_piece){bytes, length};
}

void writer_send(field_writer *writer, lane *lane, uint16_t kind, uint64_t call, uint64_t op) {
  close_run(writer);
  lane_frame frame = {{(uint32_t)writer->length, kind, lane->number, call, op}, writer->pieces, writer->count};
  lane->sink.send(lane->sink.context, &frame);
}

bool fields_read(field_table *table, const uint8_t *body, uint64_t length) {
  memset(table, 0, sizeof *table);
  uint64_t seen_numbers = 0, seen_bytes = 0, index = 0;
  while (index < length) {
    uint8_t tag = body[index++];
    uint64_t *seen = tag & 0x80 ? &seen_numbers : &seen_bytes;
    uint64_t value = 0;
    uint64_t size = tag & 0x80 ? 8 : 4;
    if (size > length - index) return false;
    memcpy(&value, body + index, size);
    index += size;
    if (!(tag & 0x80) && value > length - index) return false;
    uint8_t column = tag & 0x7F;
    if (column < 32) {
      if (*seen >> column & 1) return false;
      *seen |= (uint64_t)1 << column;
      if (tag & 0x80) table->numbers[column] = value;
      else table->bytes[column] = (lane_piece){body + index, value};
    }
    if (!(tag & 0x80)) index += value;
  }
  return true;
}
