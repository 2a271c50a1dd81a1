/* The queue behind `wake`, and behind events that had to wait. */
#include <stdlib.h>

#include "internal.h"

/* Doubles the ring, up to its bound. */
static bool grow(lane *lane) {
  uint32_t capacity = lane->wake_capacity ? lane->wake_capacity * 2 : 64;
  if (capacity > LANE_MAX_WAKES) return false;
  wake_entry *entries = malloc(capacity * sizeof *entries);
  if (!entries) return false;
  for (uint32_t i = 0; i < lane->wake_count; i++)
    entries[i] = lane->wakes[(lane->wake_first + i) & (lane->wake_capacity - 1)];
  free(lane->wakes);
  lane->wakes = entries;
  lane->wake_capacity = capacity;
  lane->wake_first = 0;
  return true;
}

void wake_add_locked(lane *lane, instance *owner, uint64_t token, bureau_status *status) {
  if (lane->wake_count == lane->wake_capacity && !grow(lane)) {
    *status = BUREAU_E_BUSY;
    return;
  }
  uint32_t index = (lane->wake_first + lane->wake_count++) & (lane->wake_capacity - 1);
  lane->wakes[index] = (wake_entry){owner, token};
  *status = BUREAU_OK;
}

bureau_status wake_add(lane *lane, instance *owner, uint64_t token) {
  bureau_status status;
  pthread_mutex_lock(&lane->mutex);
  bool first = lane->wake_count == 0;
  /* Half of the ring is kept for held events, which must never be lost. */
  if (lane->wake_count < LANE_MAX_WAKES / 2) wake_add_locked(lane, owner, token, &status);
  else status = BUREAU_E_BUSY;
  pthread_mutex_unlock(&lane->mutex);
  /* On the lane, its owner looks here anyway before it waits. */
  bool on_lane = lane_current && lane_current->lane == lane;
  if (first && status == BUREAU_OK && !on_lane) lane->sink.wake(lane->sink.context);
  return status;
}

void wakes_forget(lane *lane, instance *owner) {
  pthread_mutex_lock(&lane->mutex);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < lane->wake_count; i++) {
    wake_entry entry = lane->wakes[(lane->wake_first + i) & (lane->wake_capacity - 1)];
    if (entry.owner != owner) lane->wakes[(lane->wake_first + kept++) & (lane->wake_capacity - 1)] = entry;
  }
  lane->wake_count = kept;
  pthread_mutex_unlock(&lane->mutex);
}

uint32_t lane_run_wakes(lane *lane) {
  pthread_mutex_lock(&lane->mutex);
  uint32_t todo = lane->wake_count;
  while (todo-- > 0 && lane->wake_count > 0) {
    wake_entry entry = lane->wakes[lane->wake_first];
    lane->wake_first = (lane->wake_first + 1) & (lane->wake_capacity - 1);
    lane->wake_count--;
    pthread_mutex_unlock(&lane->mutex);
    if (entry.owner) {
      instance *previous = lane_current;
      lane_current = entry.owner;
      entry.owner->plugin->on_wake(entry.owner->plugin, entry.token);
      lane_current = previous;
    } else {
      operation_release_held(lane, entry.token);
    }
    pthread_mutex_lock(&lane->mutex);
  }
  uint32_t more = lane->wake_count > 0;
  pthread_mutex_unlock(&lane->mutex);
  return more;
}
