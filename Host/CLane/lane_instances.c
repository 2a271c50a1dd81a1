/* Instances: an agent of the plugin, with its own host table. */
#include <stdlib.h>

#include "internal.h"

#define GRAVES 1024u

/* The instance behind a table, or null when it may not call now. `complete` and its siblings go through here. */
instance *instance_of(const bureau_host *host, const char *function) {
  if (!host) return NULL;
  instance *owner = host->impl;
  uint32_t state = atomic_load_explicit(&owner->state, memory_order_acquire);
  if (state == INSTANCE_READY || state == INSTANCE_SETTING_UP) return owner;
  if (state == INSTANCE_CREATING) {
    if (atomic_fetch_add(&owner->early_calls, 1) == 0) owner->early_function = function;
  } else {
    lane_misbehaved(owner->lane, 0, "%s was called after destroy", function);
  }
  return NULL;
}

/* The host numbers instances like calls: a generation above a slot. */
instance *instance_find(lane *lane, uint64_t number) {
  uint32_t slot = (uint32_t)number & (LANE_MAX_INSTANCES - 1u);
  instance *found = slot < lane->instance_capacity ? lane->instances[slot] : NULL;
  return found && found->number == number ? found : NULL;
}

static bool table_reserve(lane *lane, uint32_t slot) {
  if (slot < lane->instance_capacity) return true;
  uint32_t capacity = lane->instance_capacity ? lane->instance_capacity : 16;
  while (capacity <= slot) capacity *= 2;
  instance **table = realloc(lane->instances, capacity * sizeof *table);
  if (!table) return false;
  memset(table + lane->instance_capacity, 0, (capacity - lane->instance_capacity) * sizeof *table);
  lane->instances = table;
  lane->instance_capacity = capacity;
  return true;
}

/* Memory of destroyed instances is reused late: a thread that the plugin forgot still meets a refusal. */
static void bury(lane *lane, instance *dead) {
  dead->next_grave = NULL;
  if (lane->graves_last) lane->graves_last->next_grave = dead;
  else lane->graves_first = dead;
  lane->graves_last = dead;
  if (++lane->grave_count <= GRAVES) return;
  instance *oldest = lane->graves_first;
  lane->graves_first = oldest->next_grave;
  lane->grave_count--;
  free(oldest);
}

static void created_send(lane *lane, uint64_t number, const lane_problem *problem) {
  field_writer writer;
  writer_init(&writer);
  writer_number(&writer, LANE_CODE, (uint64_t)problem->code);
  writer_bytes(&writer, LANE_TEXT, problem->text, strlen(problem->text));
  writer_send(&writer, lane, LANE_CREATED, 0, number);
}

static void leave(instance *owner) {
  atomic_store(&owner->state, INSTANCE_GONE);
  wakes_forget(owner->lane, owner);
  bury(owner->lane, owner);
}

/* Runs create and setup. False with a problem; then nothing is left of the instance. */
static bool bring_up(lane *lane, instance *fresh, bureau_buf configuration, lane_problem *problem) {
  lane_current = fresh;
  bureau_status status = lane->entry->create(&fresh->host, &fresh->plugin);
  lane_current = NULL;
  uint32_t early = atomic_load(&fresh->early_calls);
  if (early) {
    problem_set(problem, LANE_PROBLEM_EARLY_CALL, "create called the host's %s; the host may be called from setup on",
                fresh->early_function);
    return false;
  }
  if (status != BUREAU_OK) {
    problem_set(problem, LANE_PROBLEM_CREATE, "create returned status %d", status);
    return false;
  }
  if (!plugin_check(fresh->plugin, problem)) return false;
  atomic_store_explicit(&fresh->state, INSTANCE_SETTING_UP, memory_order_release);
  lane_current = fresh;
  status = fresh->plugin->setup(fresh->plugin, configuration);
  if (status != BUREAU_OK) {
    problem_set(problem, LANE_PROBLEM_SETUP, "setup returned status %d", status);
    fresh->plugin->destroy(fresh->plugin);
  }
  lane_current = NULL;
  return status == BUREAU_OK;
}

void instance_create(lane *lane, uint64_t number, bureau_buf configuration) {
  lane_problem problem = {LANE_PROBLEM_NONE, ""};
  uint32_t slot = (uint32_t)number & (LANE_MAX_INSTANCES - 1u);
  instance *fresh = table_reserve(lane, slot) && !lane->instances[slot] ? calloc(1, sizeof *fresh) : NULL;
  if (!fresh) {
    problem_set(&problem, LANE_PROBLEM_BUSY, "no room for agent %llu", (unsigned long long)number);
    created_send(lane, number, &problem);
    return;
  }
  fresh->lane = lane;
  fresh->number = (uint32_t)number;
  fresh->host.impl = fresh;
  calls_fill_host(&fresh->host);
  if (bring_up(lane, fresh, configuration, &problem)) {
    atomic_store_explicit(&fresh->state, INSTANCE_READY, memory_order_release);
    lane->instances[slot] = fresh;
  } else {
    leave(fresh);
  }
  created_send(lane, number, &problem);
}

void instance_destroy(lane *lane, uint64_t number) {
  instance *owner = instance_find(lane, number);
  if (owner) {
    lane->instances[number & (LANE_MAX_INSTANCES - 1u)] = NULL;
    lane_current = owner;
    calls_end(lane, owner);
    owner->plugin->destroy(owner->plugin);
    lane_current = NULL;
    leave(owner);
  }
  field_writer writer;
  writer_init(&writer);
  writer_send(&writer, lane, LANE_DESTROYED, 0, number);
}

void instances_close(lane *lane) {
  for (uint32_t i = 0; i < lane->instance_capacity; i++)
    if (lane->instances[i]) instance_destroy(lane, lane->instances[i]->number);
  while (lane->graves_first) {
    instance *next = lane->graves_first->next_grave;
    free(lane->graves_first);
    lane->graves_first = next;
  }
  free(lane->instances);
}
