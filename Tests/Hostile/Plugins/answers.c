/* answers.c: results that are too large, no JSON, or not what the manifest promised. */
#include "hostile.h"

static bureau_status complete(agent *agent, bureau_call call, bureau_status status, const void *result,
                              uint64_t length, const char *message, uint64_t message_length) {
  return agent->host->complete(agent->host, call, status, (bureau_buf){result, length},
                               (bureau_str){message, message_length});
}
static bureau_status finish_bytes(agent *agent, bureau_call call, const void *bytes, uint64_t length) {
  return complete(agent, call, BUREAU_OK, bytes, length, NULL, 0);
}

static uint8_t large[20 << 20];
static uint64_t large_string(uint64_t length) {
  memset(large, 'a', length);
  large[0] = large[length - 1] = '"';
  return length;
}
static bureau_status huge_result(agent *agent, const bureau_task *task) {
  bureau_status status = finish_bytes(agent, task->call, large, large_string(17 << 20));
  return fail(agent, task->call, status, "complete refused 17 MiB");
}
static bureau_status huge_message(agent *agent, const bureau_task *task) {
  bureau_status status =
      complete(agent, task->call, BUREAU_E_IO, NULL, 0, (const char *)large, large_string(17 << 20));
  return fail(agent, task->call, status, "complete refused 17 MiB");
}
static bureau_status long_message(agent *agent, const bureau_task *task) {
  return complete(agent, task->call, BUREAU_E_IO, NULL, 0, (const char *)large, large_string(15 << 20));
}
/* As large as it may be; the test asks for several at once. */
static bureau_status large_results(agent *agent, const bureau_task *task) {
  return finish_bytes(agent, task->call, large, large_string(16 << 20));
}
static bureau_status endless_length(agent *agent, const bureau_task *task) {
  bureau_status status = finish_bytes(agent, task->call, large, UINT64_MAX);
  return fail(agent, task->call, status, "complete refused 2^64 - 1 bytes");
}
static bureau_status null_result(agent *agent, const bureau_task *task) {
  bureau_status status = finish_bytes(agent, task->call, NULL, 5);
  return fail(agent, task->call, status, "complete refused a null pointer");
}
/* The worker reads what the plugin points at. */
static bureau_status wild_result(agent *agent, const bureau_task *task) {
  return finish_bytes(agent, task->call, (void *)16, 100);
}
static bureau_status positive_status(agent *agent, const bureau_task *task) {
  bureau_status status = complete(agent, task->call, 7, NULL, 0, NULL, 0);
  return fail(agent, task->call, status, "complete refused status 7");
}
static bureau_status unknown_status(agent *agent, const bureau_task *task) {
  return fail(agent, task->call, -77, "a status that nobody knows");
}

static bureau_status empty_result(agent *agent, const bureau_task *task) { return finish(agent, task->call, ""); }
static bureau_status not_json(agent *agent, const bureau_task *task) { return finish(agent, task->call, "hello"); }
static bureau_status invalid_utf8(agent *agent, const bureau_task *task) {
  return finish(agent, task->call, "\"\xc3\x28\xff\"");
}
static bureau_status lone_surrogate(agent *agent, const bureau_task *task) {
  return finish(agent, task->call, "\"\\ud800\"");
}
static bureau_status repeated_key(agent *agent, const bureau_task *task) {
  return finish(agent, task->call, "{\"a\":1,\"a\":2}");
}
static bureau_status byte_order_mark(agent *agent, const bureau_task *task) {
  return finish(agent, task->call, "\xef\xbb\xbf{}");
}
static bureau_status zero_byte(agent *agent, const bureau_task *task) {
  return finish_bytes(agent, task->call, "{}\0{}", 5);
}
static bureau_status deep_json(agent *agent, const bureau_task *task) {
  memset(large, '[', 4 << 20);
  memset(large + (4 << 20), ']', 4 << 20);
  return finish_bytes(agent, task->call, large, 8 << 20);
}
static bureau_status long_number(agent *agent, const bureau_task *task) {
  memset(large, '9', 8 << 20);
  return finish_bytes(agent, task->call, large, 8 << 20);
}
static bureau_status own_schema(agent *agent, const bureau_task *task) { return finish(agent, task->call, "[]"); }
static bureau_status forged_message(agent *agent, const bureau_task *task) {
  return fail(agent, task->call, BUREAU_E_IO, "\033[2J\nbureau: forged");
}
static bureau_status invalid_message(agent *agent, const bureau_task *task) {
  bureau_status status = fail(agent, task->call, BUREAU_E_IO, "\xff\xfe");
  return fail(agent, task->call, status, "complete refused the message");
}

RUN_ACT
