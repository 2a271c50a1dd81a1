/* What an instance is asked when another generation takes its place: plugin_reload.h and plugin_state.h. An instance
 * without these tables is asked nothing, and all is well: it has nothing to hand over. */
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

#define FIRST_STATE_BYTES 4096u

/* State on its way out. Lives on the lane's stack while `save` runs. */
typedef struct saved_state {
  instance *owner;
  uint8_t *bytes;
  uint64_t length, capacity;
  bureau_status problem; /* the first thing that went wrong, whether or not the plugin looked */
} saved_state;

/* State on its way in. */
typedef struct loaded_state {
  instance *owner;
  bureau_buf rest;
} loaded_state;

static bool on_lane(const instance *owner, const char *function) {
  if (lane_current == owner) return true;
  lane_misbehaved(owner->lane, 0, "the %s of its state was called from outside the lane", function);
  return false;
}

static bool reserve(saved_state *state, uint64_t more) {
  if (state->capacity - state->length >= more) return true;
  uint64_t capacity = state->capacity ? state->capacity : FIRST_STATE_BYTES;
  while (capacity - state->length < more) capacity *= 2;
  uint8_t *bytes = realloc(state->bytes, capacity);
  if (!bytes) return false;
  state->bytes = bytes;
  state->capacity = capacity;
  return true;
}

static int64_t state_write(const bureau_writer *writer, const void *source, uint64_t length) {
  saved_state *state = writer->impl;
  if (!on_lane(state->owner, "writer")) return BUREAU_E_INVALID;
  bureau_status problem = BUREAU_OK;
  if (length > 0 && !source) problem = BUREAU_E_INVALID;
  else if (length > BUREAU_MAX_MESSAGE_BYTES - state->length) problem = BUREAU_E_TOO_LARGE;
  else if (!reserve(state, length)) problem = BUREAU_E_BUSY;
  if (problem != BUREAU_OK) {
    if (state->problem == BUREAU_OK) state->problem = problem;
    return problem;
  }
  if (length > 0) memcpy(state->bytes + state->length, source, length);
  state->length += length;
  return (int64_t)length;
}

static int64_t state_read(const bureau_reader *reader, void *destination, uint64_t capacity) {
  loaded_state *state = reader->impl;
  if (!on_lane(state->owner, "reader") || (capacity > 0 && !destination)) return BUREAU_E_INVALID;
  uint64_t length = capacity < state->rest.len ? capacity : state->rest.len;
  if (length > 0) memcpy(destination, state->rest.ptr, length);
  state->rest.ptr += length;
  state->rest.len -= length;
  return (int64_t)length;
}

typedef struct tables {
  const bureau_plugin_reload *reload; /* null: the plugin has none */
  const bureau_plugin_state *state;
} tables;

static const void *table_of(instance *owner, const char *id) {
  bureau_plugin *plugin = owner->plugin;
  if (!BUREAU_HAS(plugin, get_extension)) return NULL;
  return plugin->get_extension(plugin, (bureau_str){id, strlen(id)});
}

/* A table that lacks a function counts as none: half a hand-over would lose what the other half gave up. */
static tables tables_of(instance *owner) {
  tables found = {table_of(owner, BUREAU_PLUGIN_RELOAD), table_of(owner, BUREAU_PLUGIN_STATE)};
  if (found.reload && !(BUREAU_HAS(found.reload, quiesce) && BUREAU_HAS(found.reload, resume) &&
                        BUREAU_HAS(found.reload, probe))) {
    lane_misbehaved(owner->lane, 0, "its table %s is incomplete", BUREAU_PLUGIN_RELOAD);
    found.reload = NULL;
  }
  if (found.state && !(BUREAU_HAS(found.state, save) && BUREAU_HAS(found.state, load))) {
    lane_misbehaved(owner->lane, 0, "its table %s is incomplete", BUREAU_PLUGIN_STATE);
    found.state = NULL;
  }
  return found;
}

static bureau_status save(instance *owner, const bureau_plugin_state *table, saved_state *state) {
  bureau_writer writer = {sizeof writer, 0, state, state_write};
  bureau_status status = table->save(owner->plugin, &writer);
  return status == BUREAU_OK ? state->problem : status;
}

static bureau_status load(instance *owner, const bureau_plugin_state *table, const field_table *fields) {
  loaded_state state = {owner, field_buf(fields, LANE_DATA)};
  bureau_reader reader = {sizeof reader, 0, &state, state_read};
  return table->load(owner->plugin, (uint32_t)field_number(fields, LANE_VALUE), &reader);
}

static bureau_status ask(instance *owner, uint16_t question, const tables *has, const field_table *fields,
                         saved_state *state) {
  switch (question) {
    case LANE_QUIESCE:
      return has->reload ? has->reload->quiesce(owner->plugin, field_number(fields, LANE_TIMEOUT)) : BUREAU_OK;
    case LANE_RESUME: return has->reload ? has->reload->resume(owner->plugin) : BUREAU_OK;
    case LANE_PROBE: return has->reload ? has->reload->probe(owner->plugin) : BUREAU_OK;
    case LANE_SAVE: return has->state ? save(owner, has->state, state) : BUREAU_OK;
    default: return has->state ? load(owner, has->state, fields) : BUREAU_OK;
  }
}

static void answer_send(lane *lane, const lane_header *header, bureau_status status, const tables *has,
                        const saved_state *state) {
  char text[96] = "";
  if (status == BUREAU_E_TOO_LARGE && header->kind == LANE_SAVE)
    snprintf(text, sizeof text, "its state has more than %u bytes", BUREAU_MAX_MESSAGE_BYTES);
  field_writer writer;
  writer_init(&writer);
  writer_number(&writer, LANE_KIND, header->kind);
  writer_number(&writer, LANE_STATUS, (uint64_t)(int64_t)status);
  writer_number(&writer, LANE_FLAGS, (has->reload ? LANE_HAS_RELOAD : 0) | (has->state ? LANE_HAS_STATE : 0));
  if (header->kind == LANE_SAVE && status == BUREAU_OK && has->state) {
    writer_number(&writer, LANE_VALUE, has->state->schema_version);
    writer_bytes(&writer, LANE_DATA, state->bytes, state->length);
  }
  writer_bytes(&writer, LANE_TEXT, text, strlen(text));
  writer_send(&writer, lane, LANE_ANSWERED, 0, header->op);
}

void reload_answer(lane *lane, const lane_header *header, const field_table *fields) {
  tables has = {NULL, NULL};
  instance *owner = instance_find(lane, header->op);
  saved_state state = {.owner = owner};
  bureau_status status = BUREAU_E_NOT_FOUND;
  if (owner) {
    lane_current = owner;
    has = tables_of(owner);
    status = ask(owner, header->kind, &has, fields, &state);
    lane_current = NULL;
    if (status > 0) status = BUREAU_E_INTERNAL;
  }
  answer_send(lane, header, status, &has, &state);
  free(state.bytes);
}
