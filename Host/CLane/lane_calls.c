/* Calls: begin, arena, emit, complete, cancellation. The path begin, arena_alloc, complete takes no lock. */
#include <stdlib.h>

#include "internal.h"

#define FIRST_ARENA_BYTES 1024u
#define MAX_ALIGNMENT 4096u

call_slot *call_find(lane *lane, uint64_t handle) {
  uint32_t index = (uint32_t)handle & CALL_SLOT_MASK;
  call_slot *chunk = atomic_load_explicit(&lane->calls[index / SLOTS_PER_CHUNK], memory_order_acquire);
  if (!chunk || handle == 0) return NULL;
  call_slot *slot = &chunk[index % SLOTS_PER_CHUNK];
  return atomic_load_explicit(&slot->handle, memory_order_acquire) == handle ? slot : NULL;
}

/* The slot, open or not, of a handle that the host issues now. */
static call_slot *slot_make(lane *lane, uint64_t handle) {
  uint32_t index = (uint32_t)handle & CALL_SLOT_MASK;
  call_slot *chunk = atomic_load_explicit(&lane->calls[index / SLOTS_PER_CHUNK], memory_order_relaxed);
  if (!chunk) {
    chunk = calloc(SLOTS_PER_CHUNK, sizeof *chunk);
    if (!chunk) return NULL;
    for (uint32_t i = 0; i < SLOTS_PER_CHUNK; i++) chunk[i].first_operation = NO_SLOT;
    atomic_store_explicit(&lane->calls[index / SLOTS_PER_CHUNK], chunk, memory_order_release);
  }
  return &chunk[index % SLOTS_PER_CHUNK];
}

/* Keeps the oldest, smallest chunk for the next call of this slot. */
static void arena_reset(call_slot *slot) {
  while (slot->arena && slot->arena->next) {
    arena_chunk *older = slot->arena->next;
    free(slot->arena);
    slot->arena = older;
  }
  if (slot->arena) slot->arena->used = 0;
  slot->arena_bytes = slot->arena ? slot->arena->capacity : 0;
}

static void *arena_take(call_slot *slot, uint64_t size, uint64_t align) {
  arena_chunk *chunk = slot->arena;
  if (chunk) {
    uintptr_t start = ((uintptr_t)(chunk->bytes + chunk->used) + align - 1) & ~(uintptr_t)(align - 1);
    uint64_t used = start - (uintptr_t)chunk->bytes;
    if (used <= chunk->capacity && size <= chunk->capacity - used) {
      chunk->used = used + size;
      return (void *)start;
    }
  }
  uint64_t capacity = chunk ? chunk->capacity * 2 : FIRST_ARENA_BYTES;
  if (capacity < size + align) capacity = size + align;
  if (capacity > LANE_MAX_ARENA_BYTES - slot->arena_bytes) capacity = size + align;
  if (capacity > LANE_MAX_ARENA_BYTES - slot->arena_bytes) return NULL;
  arena_chunk *fresh = malloc(sizeof *fresh + capacity);
  if (!fresh) return NULL;
  *fresh = (arena_chunk){chunk, capacity, 0};
  slot->arena = fresh;
  slot->arena_bytes += capacity;
  return arena_take(slot, size, align);
}

static void *host_arena_alloc(const bureau_host *host, bureau_call call, uint64_t size, uint64_t align) {
  instance *owner = instance_of(host, "arena_alloc");
  if (!owner) return NULL;
  if (!lane_current || lane_current->lane != owner->lane) {
    lane_misbehaved(owner->lane, call, "arena_alloc was called from outside the lane");
    return NULL;
  }
  if (align == 0 || (align & (align - 1)) || align > MAX_ALIGNMENT || size > LANE_MAX_ARENA_BYTES) return NULL;
  call_slot *slot = call_find(owner->lane, call);
  if (!slot || atomic_load_explicit(&slot->owner, memory_order_relaxed) != owner) return NULL;
  return arena_take(slot, size, align);
}

bool call_close(lane *lane, call_slot *slot, uint64_t handle) {
  uint64_t expected = handle;
  if (!atomic_compare_exchange_strong(&slot->handle, &expected, 0)) return false;
  /* Either this sees the operation that another thread opens now, or that thread sees the call ended
   * (operation_open): both sides write first and read then, sequentially consistent. */
  if (atomic_load(&slot->operations) > 0) operations_drop(lane, slot, handle);
  return true;
}

static void complete_send(lane *lane, uint64_t call, bureau_status status, bureau_buf result, bureau_str message) {
  field_writer writer;
  writer_init(&writer);
  writer_number(&writer, LANE_STATUS, (uint64_t)(int64_t)status);
  writer_bytes(&writer, LANE_DATA, result.ptr, result.len);
  if (message.len) writer_bytes(&writer, LANE_TEXT, message.ptr, message.len);
  writer_send(&writer, lane, LANE_COMPLETE, call, 0);
}

static void complete_text(lane *lane, uint64_t call, bureau_status status, const char *text) {
  complete_send(lane, call, status, (bureau_buf){NULL, 0}, (bureau_str){text, strlen(text)});
}

static bureau_status complete_check(bureau_status status, bureau_buf result, bureau_str message) {
  if (status > 0 || (result.len && !result.ptr) || (message.len && !message.ptr)) return BUREAU_E_INVALID;
  if (result.len > BUREAU_MAX_MESSAGE_BYTES || message.len > BUREAU_MAX_MESSAGE_BYTES - result.len)
    return BUREAU_E_TOO_LARGE;
  return lane_is_utf8(message.ptr, message.len) ? BUREAU_OK : BUREAU_E_INVALID;
}

static bureau_status host_complete(const bureau_host *host, bureau_call call, bureau_status status,
                                   bureau_buf result, bureau_str message) {
  instance *owner = instance_of(host, "complete");
  if (!owner) return BUREAU_E_INVALID;
  lane *lane = owner->lane;
  bureau_status checked = complete_check(status, result, message);
  if (checked != BUREAU_OK) {
    lane_misbehaved(lane, call, "complete was called with %s",
                    checked == BUREAU_E_TOO_LARGE ? "more bytes than a message may have" : "malformed arguments");
    return checked;
  }
  call_slot *slot = call_find(lane, call);
  if (slot && atomic_load_explicit(&slot->owner, memory_order_relaxed) == owner) {
    atomic_store_explicit(&slot->completed_handle, call, memory_order_relaxed);
    if (call_close(lane, slot, call)) {
      complete_send(lane, call, status, result, message);
      return BUREAU_OK;
    }
  }
  uint32_t index = (uint32_t)call & CALL_SLOT_MASK;
  call_slot *chunk = atomic_load_explicit(&lane->calls[index / SLOTS_PER_CHUNK], memory_order_acquire);
  call_slot *last = chunk ? &chunk[index % SLOTS_PER_CHUNK] : NULL;
  if (call && last && atomic_load_explicit(&last->completed_handle, memory_order_relaxed) == call)
    lane_misbehaved(lane, call, "the call was completed twice");
  return BUREAU_E_STALE;
}

static uint32_t host_is_cancelled(const bureau_host *host, bureau_call call) {
  instance *owner = instance_of(host, "is_cancelled");
  if (!owner) return 1;
  lane *lane = owner->lane;
  if (lane->sink.pump && lane_current && lane_current->lane == lane) {
    uint64_t now = lane_milliseconds();
    if (now != lane->pumped_at) {
      lane->pumped_at = now;
      lane->sink.pump(lane->sink.context);
    }
  }
  call_slot *slot = call_find(lane, call);
  return !slot || atomic_load_explicit(&slot->cancelled, memory_order_relaxed);
}

static bureau_status host_emit(const bureau_host *host, bureau_call call, uint32_t kind, bureau_buf data) {
  instance *owner = instance_of(host, "emit");
  if (!owner) return BUREAU_E_INVALID;
  lane *lane = owner->lane;
  if (kind != BUREAU_EMIT_PROGRESS && kind != BUREAU_EMIT_PARTIAL) return BUREAU_E_UNSUPPORTED;
  if (data.len && !data.ptr) return BUREAU_E_INVALID;
  if (data.len > LANE_MAX_EMIT_BYTES) return BUREAU_E_TOO_LARGE;
  if (!lane_is_utf8(data.ptr, data.len)) return BUREAU_E_INVALID;
  call_slot *slot = call_find(lane, call);
  if (!slot || atomic_load_explicit(&slot->owner, memory_order_relaxed) != owner) return BUREAU_E_STALE;
  uint64_t dropped = 0;
  pthread_mutex_lock(&lane->mutex);
  bool pass = limiter_pass(&lane->emits, LANE_EMITS_PER_SECOND, &dropped);
  pthread_mutex_unlock(&lane->mutex);
  if (dropped) lane_misbehaved(lane, 0, "%llu emits were dropped: over %u a second", (unsigned long long)dropped,
                               LANE_EMITS_PER_SECOND);
  if (!pass) return BUREAU_E_BUSY;
  field_writer writer;
  writer_init(&writer);
  writer_number(&writer, LANE_KIND, kind);
  writer_bytes(&writer, LANE_DATA, data.ptr, data.len);
  writer_send(&writer, lane, LANE_EMIT, call, 0);
  return BUREAU_OK;
}

static const void *host_get_extension(const bureau_host *host, bureau_str id) {
  instance *owner = instance_of(host, "get_extension");
  return owner && id.ptr ? service_table(id) : NULL;
}

static bureau_status host_wake(const bureau_host *host, uint64_t token) {
  instance *owner = instance_of(host, "wake");
  return owner ? wake_add(owner->lane, owner, token) : BUREAU_E_INVALID;
}

void calls_fill_host(bureau_host *host) {
  host->struct_size = sizeof *host;
  host->abi_major = BUREAU_ABI_MAJOR;
  host->abi_minor = BUREAU_ABI_MINOR;
  host->get_extension = host_get_extension;
  host->arena_alloc = host_arena_alloc;
  host->emit = host_emit;
  host->complete = host_complete;
  host->is_cancelled = host_is_cancelled;
  host->wake = host_wake;
}

void call_begin(lane *lane, instance *owner, bureau_task *task) {
  call_slot *slot = slot_make(lane, task->call);
  if (!slot || atomic_load_explicit(&slot->handle, memory_order_relaxed) != 0) {
    complete_text(lane, task->call, slot ? BUREAU_E_INTERNAL : BUREAU_E_BUSY, "the lane has no room for the call");
    return;
  }
  if (slot->arena) arena_reset(slot);
  atomic_store_explicit(&slot->owner, owner, memory_order_relaxed);
  atomic_store_explicit(&slot->cancelled, 0, memory_order_relaxed);
  atomic_store_explicit(&slot->handle, task->call, memory_order_release);
  instance *previous = lane_current;
  lane_current = owner;
  lane_current_call = task->call;
  bureau_status status = owner->plugin->begin(owner->plugin, task);
  lane_current_call = 0;
  lane_current = previous;
  if (status == BUREAU_OK) return;
  if (call_close(lane, slot, task->call))
    complete_text(lane, task->call, status > 0 ? BUREAU_E_INTERNAL : status, "the plugin refused the task");
  else lane_misbehaved(lane, 0, "begin completed a call and then returned %d for it", status);
}

/* For an instance that goes: asks for each open call's end, then ends it. */
void calls_end(lane *lane, instance *owner) {
  for (uint32_t c = 0; c < CALL_CHUNKS; c++) {
    call_slot *chunk = atomic_load_explicit(&lane->calls[c], memory_order_relaxed);
    for (uint32_t i = 0; chunk && i < SLOTS_PER_CHUNK; i++) {
      uint64_t handle = atomic_load(&chunk[i].handle);
      if (!handle || atomic_load(&chunk[i].owner) != owner) continue;
      atomic_store(&chunk[i].cancelled, 1);
      owner->plugin->cancel(owner->plugin, handle, BUREAU_E_CANCELLED);
      if (call_close(lane, &chunk[i], handle))
        complete_text(lane, handle, BUREAU_E_CANCELLED, "the agent was removed");
    }
  }
}

void calls_close(lane *lane) {
  for (uint32_t c = 0; c < CALL_CHUNKS; c++) {
    call_slot *chunk = atomic_load(&lane->calls[c]);
    for (uint32_t i = 0; chunk && i < SLOTS_PER_CHUNK; i++) {
      arena_reset(&chunk[i]);
      free(chunk[i].arena);
    }
    free(chunk);
  }
}

void lane_mark_cancelled(lane *lane, uint64_t call) {
  call_slot *slot = call_find(lane, call);
  if (slot) atomic_store_explicit(&slot->cancelled, 1, memory_order_relaxed);
}

uint32_t lane_abandon(lane *lane, uint64_t call) {
  call_slot *slot = call_find(lane, call);
  return slot && call_close(lane, slot, call);
}
