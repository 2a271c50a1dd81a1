import Journal
import Kernel

extension SimulatedWorld {
    func createGroup() async throws {
        let group = StreamGroup(
            name: Self.group, filter: EventFilter(), cursor: 0, maximumDeliveries: 4, createdAt: clock.now)
        _ = try await journal.write { journal throws(JournalError) in
            try journal.streamGroupCreate(group, by: "simulation")
            try journal.budgetSet(.organisation, limit: Nanodollars(1_000_000_000))
        }
    }

    /// A consumer takes some, then keeps its word or not.
    func consume() async throws {
        let consumer = "consumer-\(Int.random(in: 0..<3, using: &random))"
        let isTakeover = chance(4)
        let given = try await write { journal throws(JournalError) in
            isTakeover
                ? try journal.streamClaim(Self.group, consumer: consumer, idleMilliseconds: 10_000, limit: 3)
                : try journal.streamRead(Self.group, consumer: consumer, limit: 3)
        }
        guard case .done(let events) = given else { return }
        for event in events {
            deliveries.append(
                Delivery(group: Self.group, position: event.event.position, deliveries: event.deliveries))
        }
        let positions = events.map(\.event.position)
        if let first = positions.first, chance(5) {
            let again = clock.now.advanced(byMilliseconds: 5_000)
            _ = try await write { journal throws(JournalError) in
                try journal.streamReject(Self.group, first, reason: "not today", retryAt: again)
            }
        } else if !chance(4) {
            _ = try await write { journal throws(JournalError) in
                try journal.streamAcknowledge(Self.group, positions)
            }
        }
    }
}
