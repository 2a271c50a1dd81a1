import Engine
import Journal
import Kernel
import NIOCore
import Synchronization

/// An event as it goes to sockets: read once, written out once.
struct SocketEvent: Sendable {
    let position: Int64
    let at: Instant
    let tenant: String?
    /// Who started the run that it tells of, where that was asked.
    let owner: String?
    /// Of the run that it tells of; nil: of none.
    let sensitivity: Sensitivity?
    /// The names of channels, wildcards too.
    let lookup: [String]
    let frame: ByteBuffer
}

/// Reads committed events from the log for the fan-out and for sockets that catch up.
struct EventReader: Sendable {
    static let batch = 256

    let runtime: HostRuntime
    private let owners = RecentOwners()

    init(runtime: HostRuntime) { self.runtime = runtime }

    func lastPosition() async throws(JournalError) -> Int64 {
        try await runtime.journal.read { journal throws(JournalError) in try journal.lastEventPosition() }
    }

    /// - Parameter withOwners: whether anybody listens who may hear only what they or their team started.
    /// - Returns: at most ``batch`` of them; fewer mean that there are no more.
    func events(after position: Int64, withOwners: Bool) async throws(JournalError) -> [SocketEvent] {
        let owners = owners
        let (deliveries, found, classes) = try await runtime.journal.read { journal throws(JournalError) in
            let deliveries = try journal.eventsAndOrigins(after: position, limit: Self.batch)
            var found: [RunID: String?] = [:]
            if withOwners {
                for root in Set(deliveries.map(\.event.event.root)) {
                    // Nobody changes who started a run.
                    if let known = owners.owner(of: root) {
                        found[root] = known
                    } else {
                        let owner = try journal.run(root)?.user
                        owners.keep(owner, root)
                        found[root] = owner
                    }
                }
            }
            var classes: [Sensitivity?] = []
            for delivery in deliveries {
                classes.append(try journal.sensitivity(of: delivery.event, delivery.origin))
            }
            return (deliveries, found, classes)
        }
        return zip(deliveries, classes).map { delivery, sensitivity in
            Self.event(delivery, owner: found[delivery.event.event.root] ?? nil, sensitivity)
        }
    }

    private static func event(
        _ delivery: StreamDelivery, owner: String?, _ sensitivity: Sensitivity?
    ) -> SocketEvent {
        let record = delivery.event
        let isOfRun = record.event.run != .nobody
        let names = SocketChannel.names(
            ofTopic: record.event.topic, run: isOfRun ? record.event.run : nil,
            root: isOfRun ? record.event.root : nil)
        let message: JSONValue = [
            "type": "event", "position": .integer(record.position),
            "channels": .array(names.told.map { .string($0) }), "event": CloudEvent(record, delivery.origin).json,
        ]
        return SocketEvent(
            position: record.position, at: record.at, tenant: delivery.origin?.tenant, owner: owner,
            sensitivity: sensitivity, lookup: names.lookup, frame: SocketFrame.text(message))
    }
}

/// Who started the roots of which events were read lately, in bounded memory.
private final class RecentOwners: Sendable {
    private static let half = 8_192

    private struct State {
        var young: [RunID: String?] = [:]
        var old: [RunID: String?] = [:]
    }

    private let state = Mutex(State())

    func owner(of root: RunID) -> String?? { state.withLock { $0.young[root] ?? $0.old[root] } }

    func keep(_ owner: String?, _ root: RunID) {
        state.withLock { state in
            if state.young.count >= Self.half { (state.old, state.young) = (state.young, [:]) }
            state.young.updateValue(owner, forKey: root)
        }
    }
}
