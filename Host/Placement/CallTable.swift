/// The open calls of one placed plugin: a value without clock or effects. Its caller passes the time in and does
/// what the answers say.
struct CallTable {
    /// Bound of open calls; the last slot's number is kept for identifiers of calls that never opened.
    static let capacity = 65_535
    static let operationsPerCall = 4096
    private static let slotBits: UInt64 = 16

    struct Call {
        let id: CallID
        let instance: InstanceID
        /// The run that it belongs to, for reports of a loss.
        let run: String
        let sink: CallSink
        var deadline: UInt64?
        /// After the cancel: when the placement ends it by force.
        var forcedAt: UInt64?
        var operations: Set<UInt64> = []
    }

    enum Lookup {
        case open(Call)
        case ended
        case neverIssued
    }

    struct Due {
        /// Past their deadline: ask them to end.
        var late: [CallID] = []
        /// Past the grace period: end them.
        var overdue: [CallID] = []
    }

    private var slots: [Call?] = []
    private var free: [Int] = []
    private var generation: UInt64 = 0
    /// Not later than the first deadline; may be earlier when that call has ended.
    private(set) var nextDue: UInt64?
    private(set) var count = 0

    /// Nil when no slot is free.
    mutating func open(
        instance: InstanceID, run: String, sink: @escaping CallSink, deadline: UInt64?
    ) -> CallID? {
        let slot: Int
        if let last = free.popLast() {
            slot = last
        } else {
            guard slots.count < Self.capacity else { return nil }
            slot = slots.count
            slots.append(nil)
        }
        generation += 1
        let id = CallID(generation << Self.slotBits | UInt64(slot))
        slots[slot] = Call(id: id, instance: instance, run: run, sink: sink, deadline: deadline)
        count += 1
        if let deadline { noteDue(deadline) }
        return id
    }

    /// An identifier for a call that is refused before it opens.
    mutating func refusedID() -> CallID {
        generation += 1
        return CallID(generation << Self.slotBits | UInt64(Self.capacity))
    }

    func find(_ id: CallID) -> Lookup {
        let slot = Int(id.value & (1 << Self.slotBits - 1))
        let issued = id.value >> Self.slotBits
        guard issued > 0, issued <= generation, slot < slots.count else { return .neverIssued }
        guard let call = slots[slot], call.id == id else { return .ended }
        return .open(call)
    }

    subscript(id: CallID) -> Call? {
        if case .open(let call) = find(id) { call } else { nil }
    }

    mutating func close(_ id: CallID) -> Call? {
        guard let call = self[id] else { return nil }
        let slot = Int(id.value & (1 << Self.slotBits - 1))
        slots[slot] = nil
        free.append(slot)
        count -= 1
        return call
    }

    mutating func closeAll(where condition: (Call) -> Bool = { _ in true }) -> [Call] {
        slots.compactMap { $0 }.filter(condition).compactMap { close($0.id) }
    }

    enum OperationIssue { case added, repeated, tooMany }

    mutating func addOperation(_ operation: OperationID, to id: CallID) -> OperationIssue {
        let slot = Int(id.value & (1 << Self.slotBits - 1))
        guard slots[slot]?.operations.count ?? 0 < Self.operationsPerCall else { return .tooMany }
        return slots[slot]?.operations.insert(operation.value).inserted == true ? .added : .repeated
    }

    /// False when the operation is not open.
    mutating func endOperation(_ operation: OperationID, of id: CallID) -> Bool {
        guard self[id] != nil else { return false }
        return slots[Int(id.value & (1 << Self.slotBits - 1))]?.operations.remove(operation.value) != nil
    }

    /// The call was asked to end; at `time` it is ended. The earliest such time counts.
    mutating func force(_ id: CallID, at time: UInt64) {
        guard let call = self[id] else { return }
        slots[Int(id.value & (1 << Self.slotBits - 1))]?.forcedAt = min(call.forcedAt ?? time, time)
        noteDue(time)
    }

    /// What is due at `now`. Looks at all calls, but only when one may be due.
    mutating func due(at now: UInt64) -> Due {
        var due = Due()
        guard let next = nextDue, next <= now else { return due }
        nextDue = nil
        for slot in slots.indices {
            guard let call = slots[slot] else { continue }
            if let forcedAt = call.forcedAt {
                if forcedAt <= now { due.overdue.append(call.id) } else { noteDue(forcedAt) }
            } else if let deadline = call.deadline {
                if deadline <= now { due.late.append(call.id) } else { noteDue(deadline) }
            }
        }
        return due
    }

    private mutating func noteDue(_ time: UInt64) { nextDue = min(nextDue ?? time, time) }
}
