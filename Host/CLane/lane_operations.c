/* Operations: what a plugin started and waits for. All under the lane's mutex; callbacks run without it. */
#include <stdlib.h>

#include "internal.h"

static operation_slot *slot_at(lane *lane, uint32_t index) {
  return &lane->operations[index / SLOTS_PER_CHUNK][index % SLOTS_PER_CHUNK];
}

static operation_slot *find(lane *lane, bureau_op op) {
  uint32_t index = (uint32_t)op & OPERATION_SLOT_MASK;
  if (op == 0 || index / SLOTS_PER_CHUNK >= lane->operation_chunks) return NULL;
  operation_slot *slot = slot_at(lane, index);
  return slot->handle == op ? slot : NULL;
}

static bool grow(lane *lane) {
  if (lane->operation_chunks == OPERATION_CHUNKS) return false;
  operation_slot *chunk = calloc(SLOTS_PER_CHUNK, sizeof *chunk);
  if (!chunk) return false;
  uint32_t base = lane->operation_chunks * SLOTS_PER_CHUNK;
  for (uint32_t i = 0; i < SLOTS_PER_CHUNK; i++)
    chunk[i].next = i + 1 < SLOTS_PER_CHUNK ? base + i + 1 : lane->free_operation;
  lane->operations[lane->operation_chunks++] = chunk;
  lane->free_operation = base;
  return true;
}

static void held_free(operation_slot *slot) {
  while (slot->held_first) {
    held_event *next = slot->held_first->next;
    free(slot->held_first);
    slot->held_first = next;
  }
  slot->held_last = NULL;
}

static void release(lane *lane, call_slot *call, operation_slot *slot) {
  uint32_t index = (uint32_t)slot->handle & OPERATION_SLOT_MASK;
  if (slot->previous == NO_SLOT) call->first_operation = slot->next;
  else slot_at(lane, slot->previous)->next = slot->next;
  if (slot->next != NO_SLOT) slot_at(lane, slot->next)->previous = slot->previous;
  held_free(slot);
  slot->handle = 0;
  slot->next = lane->free_operation;
  lane->free_operation = index;
  atomic_fetch_sub(&call->operations, 1);
}

/* The call's slot even when the call has just ended: its list is still ours to mend. */
static call_slot *slot_of(lane *lane, uint64_t call) {
  uint32_t index = (uint32_t)call & CALL_SLOT_MASK;
  return &atomic_load_explicit(&lane->calls[index / SLOTS_PER_CHUNK],
                               memory_order_acquire)[index % SLOTS_PER_CHUNK];
}

bureau_status operation_open(lane *lane, call_slot *call, uint64_t handle, uint64_t token, bureau_op *out) {
  bool on_lane = lane_current && lane_current->lane == lane;
  bureau_status status = BUREAU_OK;
  pthread_mutex_lock(&lane->mutex);
  uint32_t open = atomic_fetch_add(&call->operations, 1);
  if (atomic_load(&call->handle) != handle) status = BUREAU_E_STALE;
  else if (open >= LANE_MAX_OPERATIONS_PER_CALL || (lane->free_operation == NO_SLOT && !grow(lane)))
    status = BUREAU_E_BUSY;
  if (status != BUREAU_OK) {
    atomic_fetch_sub(&call->operations, 1);
    pthread_mutex_unlock(&lane->mutex);
    return status;
  }
  uint32_t index = lane->free_operation;
  operation_slot *slot = slot_at(lane, index);
  lane->free_operation = slot->next;
  uint64_t generation = slot->generation + 1;
  *slot = (operation_slot){.handle = generation << OPERATION_SLOT_BITS | index,
                           .generation = generation,
                           .call = handle,
                           .token = token,
                           .next = call->first_operation,
                           .previous = NO_SLOT,
                           .starting = !on_lane};
  if (slot->next != NO_SLOT) slot_at(lane, slot->next)->previous = index;
  call->first_operation = index;
  *out = slot->handle;
  pthread_mutex_unlock(&lane->mutex);
  return BUREAU_OK;
}

/* The starting function is about to return: what came in the meantime may go. On the lane nothing can have come. */
void operation_started(lane *lane, bureau_op op) {
  if (lane_current && lane_current->lane == lane) return;
  bool wake = false;
  pthread_mutex_lock(&lane->mutex);
  operation_slot *slot = find(lane, op);
  if (slot) {
    slot->starting = false;
    if (slot->held_first) {
      bureau_status status;
      wake_add_locked(lane, NULL, op, &status);
      wake = true;
    }
  }
  pthread_mutex_unlock(&lane->mutex);
  if (wake) lane->sink.wake(lane->sink.context);
}

void operations_drop(lane *lane, call_slot *call, uint64_t handle) {
  pthread_mutex_lock(&lane->mutex);
  uint32_t index = call->first_operation;
  while (index != NO_SLOT) {
    operation_slot *slot = slot_at(lane, index);
    index = slot->next;
    if (slot->call == handle) release(lane, call, slot);
  }
  pthread_mutex_unlock(&lane->mutex);
}

bool operation_call(lane *lane, instance *owner, bureau_op op, uint64_t *call) {
  pthread_mutex_lock(&lane->mutex);
  operation_slot *slot = find(lane, op);
  if (slot) *call = slot->call;
  pthread_mutex_unlock(&lane->mutex);
  call_slot *open = slot ? call_find(lane, *call) : NULL;
  return open && atomic_load(&open->owner) == owner;
}

static held_event *copy(const bureau_event *event) {
  held_event *held = malloc(sizeof *held + event->data.len + event->message.len);
  if (!held) return NULL;
  held->next = NULL;
  held->event = *event;
  if (event->data.len) memcpy(held->bytes, event->data.ptr, event->data.len);
  if (event->message.len) memcpy(held->bytes + event->data.len, event->message.ptr, event->message.len);
  held->event.data.ptr = held->bytes;
  held->event.message.ptr = (const char *)held->bytes + event->data.len;
  if (event->usage) {
    held->usage = *event->usage;
    held->event.usage = &held->usage;
  }
  return held;
}

static void call_back(instance *owner, const bureau_event *event) {
  instance *previous = lane_current;
  lane_current = owner;
  lane_current_call = event->call;
  owner->plugin->on_event(owner->plugin, event);
  lane_current_call = 0;
  lane_current = previous;
}

void operation_deliver(lane *lane, bureau_event *event) {
  bool terminal = event->kind != BUREAU_EVENT_CHUNK;
  pthread_mutex_lock(&lane->mutex);
  operation_slot *slot = find(lane, event->op);
  call_slot *call = slot && slot->call == event->call ? call_find(lane, event->call) : NULL;
  if (!call || slot->ended) {
    pthread_mutex_unlock(&lane->mutex);
    return;
  }
  event->token = slot->token;
  if (slot->starting || slot->held_first) {
    held_event *held = copy(event);
    if (held) {
      if (slot->held_last) slot->held_last->next = held;
      else slot->held_first = held;
      slot->held_last = held;
      slot->ended = terminal;
    }
    pthread_mutex_unlock(&lane->mutex);
    return;
  }
  instance *owner = atomic_load(&call->owner);
  if (terminal) release(lane, call, slot);
  pthread_mutex_unlock(&lane->mutex);
  call_back(owner, event);
}

void operation_release_held(lane *lane, bureau_op op) {
  for (;;) {
    pthread_mutex_lock(&lane->mutex);
    operation_slot *slot = find(lane, op);
    held_event *held = slot ? slot->held_first : NULL;
    if (!held) {
      pthread_mutex_unlock(&lane->mutex);
      return;
    }
    call_slot *call = slot_of(lane, slot->call);
    slot->held_first = held->next;
    if (!slot->held_first) slot->held_last = NULL;
    instance *owner = atomic_load(&call->owner);
    bool open = atomic_load(&call->handle) == slot->call;
    if (held->event.kind != BUREAU_EVENT_CHUNK) release(lane, call, slot);
    pthread_mutex_unlock(&lane->mutex);
    if (open) call_back(owner, &held->event);
    free(held);
  }
}

void operations_close(lane *lane) {
  for (uint32_t c = 0; c < lane->operation_chunks; c++) {
    for (uint32_t i = 0; i < SLOTS_PER_CHUNK; i++) held_free(&lane->operations[c][i]);
    free(lane->operations[c]);
  }
}
