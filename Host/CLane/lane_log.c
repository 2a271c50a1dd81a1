/* Lines for the operator, and reports of broken rules. */
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

/* Sets `dropped` when a new second begins and the last ones lost something. */
bool limiter_pass(limiter *limiter, uint32_t per_second, uint64_t *dropped) {
  uint64_t second = lane_milliseconds() / 1000;
  if (second != limiter->second) {
    limiter->second = second;
    limiter->passed = 0;
    *dropped = limiter->dropped;
    limiter->dropped = 0;
  }
  if (limiter->passed >= per_second) {
    limiter->dropped++;
    return false;
  }
  limiter->passed++;
  return true;
}

static void text_send(lane *lane, uint16_t kind, uint64_t call, int32_t level, const char *text, uint64_t length) {
  if (!call_find(lane, call)) call = 0;
  field_writer writer;
  writer_init(&writer);
  writer_number(&writer, LANE_LEVEL, (uint64_t)level);
  writer_bytes(&writer, LANE_TEXT, text, length);
  writer_send(&writer, lane, kind, call, 0);
}

void lane_misbehaved(lane *lane, uint64_t call, const char *format, ...) {
  uint64_t dropped = 0;
  pthread_mutex_lock(&lane->mutex);
  bool pass = limiter_pass(&lane->reports, LANE_REPORTS_PER_SECOND, &dropped);
  pthread_mutex_unlock(&lane->mutex);
  if (!pass) return;
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  text_send(lane, LANE_MISBEHAVED, call, BUREAU_LOG_WARNING, text, strlen(text));
}

static uint32_t log_enabled(const bureau_host *host, int32_t level) {
  instance *owner = instance_of(host, "log.enabled");
  return owner && level >= owner->lane->log_level;
}

/* Where to cut so that no character is split. */
static uint64_t cut(const char *text, uint64_t length) {
  if (length <= LANE_MAX_LOG_BYTES) return length;
  length = LANE_MAX_LOG_BYTES;
  while (length > 0 && ((uint8_t)text[length] & 0xC0) == 0x80) length--;
  return length;
}

static void log_write(const bureau_host *host, bureau_call call, int32_t level, bureau_str text) {
  instance *owner = instance_of(host, "log.write");
  if (!owner || level < owner->lane->log_level || (text.len && !text.ptr)) return;
  lane *lane = owner->lane;
  uint64_t length = cut(text.ptr, text.len), dropped = 0;
  if (!lane_is_utf8(text.ptr, length)) {
    lane_misbehaved(lane, call, "a log line is not valid UTF-8");
    return;
  }
  pthread_mutex_lock(&lane->mutex);
  bool pass = limiter_pass(&lane->logs, LANE_LOGS_PER_SECOND, &dropped);
  pthread_mutex_unlock(&lane->mutex);
  if (dropped) lane_misbehaved(lane, 0, "%llu log lines were dropped: over %u a second",
                               (unsigned long long)dropped, LANE_LOGS_PER_SECOND);
  if (level > BUREAU_LOG_ERROR) level = BUREAU_LOG_ERROR;
  if (pass) text_send(lane, LANE_LOG, call, level, text.ptr, length);
}

const bureau_host_log lane_log_table = {sizeof lane_log_table, 0, log_enabled, log_write};

static uint32_t on_lane(const bureau_host *host) {
  instance *owner = instance_of(host, "lane_check.on_lane");
  return owner && lane_current == owner;
}

const bureau_host_lane_check lane_check_table = {sizeof lane_check_table, 0, on_lane};

static bureau_status operation_cancel(const bureau_host *host, bureau_op op) {
  instance *owner = instance_of(host, "operation.cancel");
  uint64_t call;
  if (!owner) return BUREAU_E_INVALID;
  if (!operation_call(owner->lane, owner, op, &call)) return BUREAU_E_STALE;
  field_writer writer;
  writer_init(&writer);
  writer_send(&writer, owner->lane, LANE_CANCEL_OP, call, op);
  return BUREAU_OK;
}

static bureau_status operation_grant(const bureau_host *host, bureau_op op, uint64_t chunks) {
  instance *owner = instance_of(host, "operation.grant");
  uint64_t call;
  if (!owner) return BUREAU_E_INVALID;
  if (!operation_call(owner->lane, owner, op, &call)) return BUREAU_E_STALE;
  field_writer writer;
  writer_init(&writer);
  writer_number(&writer, LANE_VALUE, chunks);
  writer_send(&writer, owner->lane, LANE_GRANT, call, op);
  return BUREAU_OK;
}

const bureau_host_operation lane_operation_table = {sizeof lane_operation_table, 0, operation_cancel,
                                                    operation_grant};
