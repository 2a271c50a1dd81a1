/* What the lane has no frame for: the entry function's answers, a plugin's extensions, and measures. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "internal.h"

#define FILES 1024

/* The question that waits for its wake. */
static struct {
  uint16_t kind;
  uint64_t size, limit, version;
  bureau_buf data;
  char id[300];
  uint64_t id_length;
} asked;

/* A stream in pieces of `size` bytes that fails at `limit`. What was written lies in a mapping: the heap is the
 * plugin's. */
#define MAX_STATE (64u << 20)
typedef struct stream {
  uint8_t *bytes;
  uint64_t length, at, size, limit;
} stream;

static int64_t stream_read(const bureau_reader *reader, void *destination, uint64_t capacity) {
  stream *from = reader->impl;
  if (from->at >= from->limit) return BUREAU_E_IO;
  uint64_t count = from->length - from->at;
  if (count > capacity) count = capacity;
  if (count > from->size) count = from->size;
  if (count) memcpy(destination, from->bytes + from->at, count);
  from->at += count;
  return (int64_t)count;
}

static int64_t stream_write(const bureau_writer *writer, const void *source, uint64_t length) {
  stream *to = writer->impl;
  if (to->at >= to->limit || to->at >= MAX_STATE) return BUREAU_E_IO;
  uint64_t count = length < to->size ? length : to->size;
  if (count > MAX_STATE - to->at) count = MAX_STATE - to->at;
  memcpy(to->bytes + to->at, source, count);
  to->at += count;
  return (int64_t)count;
}

static const void *table_of(wrapper *wrapper, const char *id) {
  bureau_plugin *inner = wrapper->inner;
  return BUREAU_HAS(inner, get_extension) ? inner->get_extension(inner, (bureau_str){id, strlen(id)}) : NULL;
}

static void answer(int64_t status, uint64_t value, bureau_buf data) {
  message message;
  message_start(&message, PROBE_ANSWER);
  message_number(&message, PROBE_TAG_STATUS, (uint64_t)status);
  message_number(&message, PROBE_TAG_VALUE, value);
  message.data = data;
  message_send(&message);
}

static void answer_status(int64_t status) { answer(status, 0, (bureau_buf){NULL, 0}); }

static void answer_extension(wrapper *wrapper) {
  bureau_plugin *inner = wrapper->inner;
  if (!BUREAU_HAS(inner, get_extension)) return answer_status(0);
  bureau_str id = {asked.id, asked.id_length};
  const void *first = inner->get_extension(inner, id);
  const void *second = inner->get_extension(inner, id);
  answer(0, first != second ? 2 : first ? 1 : 0, (bureau_buf){NULL, 0});
}

static void answer_save(wrapper *wrapper, const bureau_plugin_state *state) {
  uint8_t *room = mmap(NULL, MAX_STATE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) return answer_status(BUREAU_E_BUSY);
  stream to = {room, 0, 0, asked.size, asked.limit};
  bureau_writer writer = {sizeof writer, 0, &to, stream_write};
  bureau_status status = state->save(wrapper->inner, &writer);
  answer(status, state->schema_version, (bureau_buf){room, to.at});
  munmap(room, MAX_STATE);
}

static void answer_load(wrapper *wrapper, const bureau_plugin_state *state) {
  stream from = {(uint8_t *)(uintptr_t)asked.data.ptr, asked.data.len, 0, asked.size, asked.limit};
  bureau_reader reader = {sizeof reader, 0, &from, stream_read};
  answer_status(state->load(wrapper->inner, (uint32_t)asked.version, &reader));
}

/* On the lane, by the wake that question_ask asked for. */
void question_answer(wrapper *wrapper) {
  if (asked.kind == PROBE_EXTENSION) return answer_extension(wrapper);
  if (asked.kind == PROBE_SAVE || asked.kind == PROBE_LOAD) {
    const bureau_plugin_state *state = table_of(wrapper, BUREAU_PLUGIN_STATE);
    if (!state) return answer_status(BUREAU_E_UNSUPPORTED);
    return asked.kind == PROBE_SAVE ? answer_save(wrapper, state) : answer_load(wrapper, state);
  }
  const bureau_plugin_reload *reload = table_of(wrapper, BUREAU_PLUGIN_RELOAD);
  if (!reload) return answer_status(BUREAU_E_UNSUPPORTED);
  if (asked.kind == PROBE_QUIESCE) return answer_status(reload->quiesce(wrapper->inner, asked.limit));
  answer_status(asked.kind == PROBE_RESUME ? reload->resume(wrapper->inner) : reload->probe(wrapper->inner));
}

/* The body stays where it is until the answer is sent. */
void question_ask(lane *lane, const lane_header *header, const uint8_t *body) {
  wrapper *wrapper = wrap_find(header->op);
  if (!wrapper) return answer_status(BUREAU_E_NOT_FOUND);
  uint32_t length = header->length;
  bureau_buf id = field_bytes(body, length, PROBE_TAG_TEXT);
  asked.kind = header->kind;
  asked.size = field_number(body, length, PROBE_TAG_SIZE);
  asked.limit = field_number(body, length, PROBE_TAG_LIMIT);
  asked.version = field_number(body, length, PROBE_TAG_VERSION);
  asked.data = field_bytes(body, length, PROBE_TAG_DATA);
  asked.id_length = id.len < sizeof asked.id ? id.len : sizeof asked.id;
  if (asked.id_length) memcpy(asked.id, id.ptr, asked.id_length);
  if (wrapper->lane_host->wake(wrapper->lane_host, QUESTION_TOKEN) != BUREAU_OK) return answer_status(BUREAU_E_BUSY);
  lane_run_wakes(lane);
}

static void add_descriptor(message *message, const bureau_entry *entry) {
  bureau_entry seen = {0};
  memcpy(&seen, entry, entry->struct_size < sizeof seen ? entry->struct_size : sizeof seen);
  message_number(message, PROBE_TAG_SIZE, entry->struct_size);
  message_number(message, PROBE_TAG_MAJOR, seen.abi_major);
  message_number(message, PROBE_TAG_MINOR, seen.abi_minor);
  message_number(message, PROBE_TAG_MIN_MINOR, seen.min_host_minor);
  message_number(message, PROBE_TAG_RESERVED, seen.reserved | seen.reserved2);
  message_number(message, PROBE_TAG_CREATE, seen.create != NULL);
  message_text(message, PROBE_TAG_ID, seen.id.ptr, seen.id.len);
  message_text(message, PROBE_TAG_RELEASE, seen.version.ptr, seen.version.len);
  message_text(message, PROBE_TAG_TOOLCHAIN, seen.toolchain.ptr, seen.toolchain.len);
  if (seen.manifest_json.ptr && seen.manifest_json.len <= (4u << 20)) message->data = seen.manifest_json;
}

void question_entry(lane_entry_function entry, const lane_header *header, const uint8_t *body) {
  static const bureau_entry *before;
  static const char name[] = "bureau", version[] = "1.0.0";
  static struct {
    bureau_host_info info;
    uint8_t later[192];
  } host;
  uint32_t length = header->length;
  memset(host.later, 0xEE, sizeof host.later);
  host.info = (bureau_host_info){(uint32_t)field_number(body, length, PROBE_TAG_SIZE),
                                 (uint16_t)field_number(body, length, PROBE_TAG_MAJOR),
                                 (uint16_t)field_number(body, length, PROBE_TAG_MINOR),
                                 {name, sizeof name - 1},
                                 {version, sizeof version - 1}};
  uint64_t start = nanoseconds();
  const bureau_entry *found = entry(&host.info);
  uint64_t time = nanoseconds() - start;
  message message;
  message_start(&message, PROBE_ENTRY);
  message_number(&message, PROBE_TAG_NANOSECONDS, time);
  message_number(&message, PROBE_TAG_VALUE, !found ? 0 : before && found != before ? 2 : 1);
  if (found) add_descriptor(&message, found);
  if (found && !before) before = found;
  message_send(&message);
}

void question_measure(void) {
  struct mallinfo2 heap = mallinfo2();
  struct rusage usage = {0};
  getrusage(RUSAGE_SELF, &usage);
  uint64_t files = 0;
  for (int i = 0; i < FILES; i++) files += fcntl(i, F_GETFD) >= 0;
  uint64_t microseconds = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000u +
                          (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  message message;
  message_start(&message, PROBE_MEASURED);
  message_number(&message, PROBE_TAG_HEAP, heap.uordblks + heap.hblkhd);
  message_number(&message, PROBE_TAG_FILES, files);
  message_number(&message, PROBE_TAG_CPU, microseconds * 1000u);
  wrap_measure(&message);
  message_send(&message);
}
