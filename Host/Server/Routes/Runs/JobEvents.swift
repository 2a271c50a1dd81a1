import Engine
import Hummingbird
import Journal
import Kernel

/// The events of a run tree as server-sent events. Those of the journal carry their position as `id`, so a reader
/// that lost the connection goes on after it; progress and partial text are live only and carry none.
struct JobEvents: Sendable {
    private static let batch = 256
    /// The journal is also looked at without a notice, so that nothing is late for ever; each look that finds
    /// nothing sends a comment, which shows dead connections.
    private static let tick: Duration = .seconds(2)

    let runtime: HostRuntime
    let gate: DrainGate
    let call: APICall
    /// Whose reader may read on as long as it is there for the caller.
    let run: RunID
    let root: RunID
    let position: Int64

    func response() -> Response { .events { try await stream($0) } }

    private func stream(_ send: (String) async throws -> Void) async throws {
        let (wakes, wake) = AsyncStream.makeStream(of: RunNotice?.self, bufferingPolicy: .bufferingNewest(1024))
        // Opened before the first look, so that nothing falls between the two.
        let notices = runtime.watch(root: root)
        let feeders = [
            Task {
                for await notice in notices { wake.yield(notice) }
                wake.yield(nil)
            },
            Task {
                while !Task.isCancelled {
                    try await Task.sleep(for: Self.tick)
                    wake.yield(nil)
                }
            },
        ]
        defer { for feeder in feeders { feeder.cancel() } }

        var position = position, reader = StreamReader(call)
        var isOver = try await sendEvents(after: &position, of: call, send)
        guard !isOver else { return }
        for await notice in wakes {
            guard gate.isOpen, await reader.mayReadOn() else { return }
            let call = reader.call
            if let notice, let live = Self.live(notice), try await mayShow(notice.run, call) { try await send(live) }
            isOver = try await sendEvents(after: &position, of: call, send)
            if isOver { return }
            if notice == nil { try await send(":\n\n") }
        }
    }

    /// Sends what the journal has; true when the tree is terminal and all was sent.
    private func sendEvents(
        after position: inout Int64, of call: APICall, _ send: (String) async throws -> Void
    ) async throws -> Bool {
        while true {
            let (isTerminal, events) = try await call.read { [run, position] journal throws(JournalError) in
                try journal.tree(of: run, after: position, limit: Self.batch)
            }
            for record in events {
                try await send(
                    "id: \(record.position)\nevent: \(record.event.topic)\ndata: \(record.json.serialized())\n\n")
                position = record.position
            }
            if events.count < Self.batch { return isTerminal }
        }
    }

    private func mayShow(_ run: RunID, _ call: APICall) async throws -> Bool {
        guard call.caller.clearance < .restricted else { return true }
        return try await call.read { journal throws(JournalError) in try journal.mayShow(run) }
    }

    private static func live(_ notice: RunNotice) -> String? {
        var members: [String: JSONValue] = [
            "run": .string(notice.run.description), "task": .string(notice.task.description),
            "at": .string(notice.at.timestamp),
        ]
        let name: String
        switch notice.kind {
        case .progress(let fractionMilli, let text):
            name = "progress"
            members["fraction_milli"] = .init(fractionMilli.map(Int64.init))
            members["text"] = .string(text)
        case .partial(let text):
            name = "partial"
            members["text"] = .string(text)
        default: return nil
        }
        return "event: \(name)\ndata: \(JSONValue.object(members).serialized())\n\n"
    }
}
