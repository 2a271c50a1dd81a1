import Engine
import Hummingbird
import Journal
import Kernel

/// The event log as server-sent events, from a position on and for as long as the reader stays: each is a CloudEvent
/// whose position is the `id`, so a reader that lost the connection goes on after it.
struct EventFeed: Sendable {
    private static let batch = 256
    /// A comment now and then shows dead connections.
    private static let tick: Duration = .seconds(5)

    let runtime: HostRuntime
    let gate: DrainGate
    let call: APICall
    let filter: EventFilter
    let position: Int64

    func response() -> Response { .events { try await stream($0) } }

    private func stream(_ send: (String) async throws -> Void) async throws {
        let (wakes, wake) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(2))
        let feeders = [
            Task {
                for await _ in runtime.eventsCommitted() { wake.yield(false) }
                wake.finish()
            },
            Task {
                while (try? await Task.sleep(for: Self.tick)) != nil { wake.yield(true) }
            },
        ]
        defer { for feeder in feeders { feeder.cancel() } }
        var position = position, reader = StreamReader(call)
        for await isTick in wakes {
            guard gate.isOpen, await reader.mayReadOn() else { return }
            try await sendEvents(after: &position, of: reader.call, send)
            if isTick { try await send(":\n\n") }
        }
    }

    private func sendEvents(
        after position: inout Int64, of call: APICall, _ send: (String) async throws -> Void
    ) async throws {
        while true {
            let (seen, last) = try await call.read { [position] scoped throws(JournalError) in
                (try scoped.events(after: position, limit: Self.batch), try scoped.journal.lastEventPosition())
            }
            for delivery in seen where filter.matches(delivery) {
                let event = CloudEvent(delivery.event, delivery.origin)
                try await send(
                    "id: \(delivery.event.position)\nevent: \(event.type)\ndata: \(event.json.serialized())\n\n")
            }
            guard seen.count == Self.batch, let end = seen.last?.event.position else {
                // What is others' is not looked at again.
                position = max(position, last)
                return
            }
            position = end
        }
    }
}
