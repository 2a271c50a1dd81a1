import Synchronization

/// One-shot wake-ups by key: a child that ended, an approval that was decided. The one who waits registers first
/// and then looks at the journal, so a wake-up between the two is never missed.
final class Waiters<Key: Hashable & Sendable>: Sendable {
    final class Ticket: Sendable {
        fileprivate let stream: AsyncStream<Void>
        fileprivate let continuation: AsyncStream<Void>.Continuation

        fileprivate init() {
            (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        }

        /// Returns when woken, or when the task is cancelled.
        func wait() async {
            for await _ in stream { return }
        }
    }

    private let tickets = Mutex<[Key: [ObjectIdentifier: Ticket]]>([:])

    func register(_ key: Key) -> Ticket {
        let ticket = Ticket()
        tickets.withLock { $0[key, default: [:]][ObjectIdentifier(ticket)] = ticket }
        return ticket
    }

    func remove(_ ticket: Ticket, for key: Key) {
        tickets.withLock { tickets in
            tickets[key]?[ObjectIdentifier(ticket)] = nil
            if tickets[key]?.isEmpty == true { tickets[key] = nil }
        }
    }

    func wake(_ key: Key) {
        let woken = tickets.withLock { $0.removeValue(forKey: key) } ?? [:]
        for ticket in woken.values {
            ticket.continuation.yield()
            ticket.continuation.finish()
        }
    }
}
