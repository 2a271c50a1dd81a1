#include "types.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a block's bytes are copied as they are");

void read_fail(reader *reader, const char *problem) {
  if (!reader->problem) reader->problem = problem;
}

const uint8_t *read_bytes(reader *reader, uint64_t count) {
  if (!reader->problem && count > reader->length - reader->at) read_fail(reader, "the block ends too early");
  if (reader->problem) return NULL;
  const uint8_t *bytes = reader->bytes + reader->at;
  reader->at += count;
  return bytes;
}

uint64_t read_number(reader *reader, uint32_t size) {
  uint64_t number = 0;
  const uint8_t *bytes = read_bytes(reader, size);
  if (bytes) memcpy(&number, bytes, size);
  return number;
}

static ffi_type *scalar(uint64_t code) {
  switch (code) {
    case NATIVE_I8: return &ffi_type_sint8;
    case NATIVE_U8:
    case NATIVE_BOOL: return &ffi_type_uint8;
    case NATIVE_I16: return &ffi_type_sint16;
    case NATIVE_U16: return &ffi_type_uint16;
    case NATIVE_I32: return &ffi_type_sint32;
    case NATIVE_U32: return &ffi_type_uint32;
    case NATIVE_I64: return &ffi_type_sint64;
    case NATIVE_U64: return &ffi_type_uint64;
    case NATIVE_F32: return &ffi_type_float;
    case NATIVE_F64: return &ffi_type_double;
    default: return NULL;
  }
}

static type_node *read_node(type_pool *pool, reader *reader, uint32_t depth);

static bool read_struct(type_pool *pool, reader *reader, type_node *node, uint32_t depth) {
  if (depth > NATIVE_MAX_DEPTH) read_fail(reader, "structs are nested too deep");
  uint64_t count = read_number(reader, 1);
  if (count < 1 || count > NATIVE_MAX_FIELDS) read_fail(reader, "a struct has no or too many fields");
  for (uint64_t i = 0; i < count && !reader->problem; i++) {
    type_node *field = read_node(pool, reader, depth);
    if (!field) break;
    node->fields[node->field_count++] = field;
    node->elements[i] = field->ffi;
    node->packed += field->packed;
  }
  if (reader->problem) return false;
  node->own = (ffi_type){0, 0, FFI_TYPE_STRUCT, node->elements};
  node->ffi = &node->own;
  if (ffi_get_struct_offsets(FFI_DEFAULT_ABI, &node->own, node->offsets) != FFI_OK ||
      node->own.size > NATIVE_MAX_VALUE_BYTES) {
    read_fail(reader, "a struct is too large");
    return false;
  }
  return true;
}

static type_node *read_node(type_pool *pool, reader *reader, uint32_t depth) {
  uint64_t code = read_number(reader, 1);
  if (pool->used == NATIVE_MAX_TYPES) read_fail(reader, "the call has too many types");
  if (reader->problem) return NULL;
  type_node *node = &pool->nodes[pool->used++];
  if (code == NATIVE_STRUCT) return read_struct(pool, reader, node, depth + 1) ? node : NULL;
  node->ffi = scalar(code);
  if (!node->ffi) {
    read_fail(reader, "unknown type");
    return NULL;
  }
  node->packed = node->ffi->size;
  return node;
}

type_node *type_read(type_pool *pool, reader *reader) { return read_node(pool, reader, 0); }

const uint8_t *type_unpack(const type_node *type, const uint8_t *packed, uint8_t *memory) {
  if (type->field_count == 0) {
    memcpy(memory, packed, type->packed);
    return packed + type->packed;
  }
  for (uint32_t i = 0; i < type->field_count; i++)
    packed = type_unpack(type->fields[i], packed, memory + type->offsets[i]);
  return packed;
}

uint8_t *type_pack(const type_node *type, const uint8_t *memory, uint8_t *packed) {
  if (type->field_count == 0) {
    memcpy(packed, memory, type->packed);
    return packed + type->packed;
  }
  for (uint32_t i = 0; i < type->field_count; i++)
    packed = type_pack(type->fields[i], memory + type->offsets[i], packed);
  return packed;
}
