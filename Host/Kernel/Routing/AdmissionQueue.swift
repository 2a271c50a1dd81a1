/// Who waits for a provider: bounded, each with a deadline, and fair between tenants, so that one with a thousand
/// calls does not keep out one with a single call. Start-time fair queueing, with the units of a call as its cost.
package struct AdmissionQueue: Sendable {
    package struct Entry: Hashable, Sendable {
        package let number: UInt64
        package var tenant: String
        package var units: Int64
        package var deadline: Tick
    }

    package let capacity: Int
    private var waiting: [String: [Entry]] = [:]
    /// By tenant, the virtual time up to which it was served. Only of tenants ahead of ``virtualTime``.
    private var served: [String: Int64] = [:]
    private var virtualTime: Int64 = 0
    package private(set) var count = 0

    package init(capacity: Int) { self.capacity = capacity }

    /// False: the queue is full.
    package mutating func enqueue(_ entry: Entry) -> Bool {
        guard count < capacity else { return false }
        waiting[entry.tenant, default: []].append(entry)
        count += 1
        return true
    }

    /// Who is next; it keeps its place until it is taken.
    package var head: Entry? {
        waiting.values.compactMap(\.first).min { left, right in
            let (one, other) = (start(left.tenant), start(right.tenant))
            return one == other ? left.number < right.number : one < other
        }
    }

    package mutating func takeHead() -> Entry? {
        guard let head, remove(head.number, of: head.tenant) != nil else { return nil }
        virtualTime = start(head.tenant)
        charge(head.tenant, head.units)
        return head
    }

    /// Counts units that a tenant got without waiting.
    package mutating func charge(_ tenant: String, _ units: Int64) {
        served[tenant] = start(tenant) + max(1, units)
        if count == 0 {
            // Nobody waits: old debts are settled.
            served = [:]
        } else {
            served = served.filter { $0.value > virtualTime }
        }
    }

    package mutating func remove(_ number: UInt64, of tenant: String) -> Entry? {
        guard let index = waiting[tenant]?.firstIndex(where: { $0.number == number }) else { return nil }
        let entry = waiting[tenant]?.remove(at: index)
        if waiting[tenant]?.isEmpty == true { waiting[tenant] = nil }
        count -= 1
        return entry
    }

    /// Takes out those whose time is over.
    package mutating func expire(at now: Tick) -> [Entry] {
        let late = waiting.values.joined().filter { $0.deadline <= now }.sorted { $0.number < $1.number }
        for entry in late { _ = remove(entry.number, of: entry.tenant) }
        return late
    }

    package var nextDeadline: Tick? { waiting.values.joined().map(\.deadline).min() }

    private func start(_ tenant: String) -> Int64 { max(virtualTime, served[tenant] ?? virtualTime) }
}
