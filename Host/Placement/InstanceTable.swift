import CLane

/// The instances of one plugin, by number: a generation above a slot, so that a number is not used again soon.
struct InstanceTable {
    private static let slots = Int(LANE_MAX_INSTANCES)

    private var entries: [UInt32: HostedPlugin.Instance] = [:]
    private var free: [UInt32] = []
    private var nextSlot: UInt32 = 0
    private var generation: UInt32 = 0

    var count: Int { entries.count }
    var ids: [InstanceID] { entries.keys.sorted().map(InstanceID.init) }

    /// When the longest waiting creation has waited enough.
    var firstWait: UInt64? { entries.values.filter { $0.waiter != nil }.map(\.waitsUntil).min() }
    var hasWaiters: Bool { entries.values.contains { $0.waiter != nil } }

    subscript(id: InstanceID) -> HostedPlugin.Instance? {
        get { entries[id.value] }
        set { entries[id.value] = newValue }
    }

    /// Nil when the plugin has as many as a lane holds.
    mutating func add(_ instance: HostedPlugin.Instance) -> InstanceID? {
        let slot: UInt32
        if let last = free.popLast() {
            slot = last
        } else {
            guard nextSlot < Self.slots else { return nil }
            slot = nextSlot
            nextSlot += 1
        }
        generation = (generation + 1) & 0xFFFF
        let id = InstanceID(generation << 16 | slot)
        entries[id.value] = instance
        return id
    }

    mutating func remove(_ id: InstanceID) -> HostedPlugin.Instance? {
        guard let removed = entries.removeValue(forKey: id.value) else { return nil }
        free.append(id.value & 0xFFFF)
        return removed
    }
}
