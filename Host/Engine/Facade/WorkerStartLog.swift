import Journal
import Kernel
import Placement

/// Writes a leaf `worker.started` into the audit log for each worker that gets a plugin, with how it is confined.
/// Beside the runs: no worker waits for it.
final class WorkerStartLog: Sendable {
    /// Starts that wait to be written. Far more than departments; a store that is this slow has said so elsewhere.
    private static let capacity = 1024

    private let starts: AsyncStream<WorkerStart>.Continuation
    private let writer: Task<Void, Never>

    init(journal: any JournalStore) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: WorkerStart.self, bufferingPolicy: .bufferingOldest(Self.capacity))
        starts = continuation
        writer = Task { for await start in stream { await Self.write(start, journal) } }
    }

    func note(_ start: WorkerStart) { starts.yield(start) }

    /// Writes what waits; then nothing more is taken.
    func finish() async {
        starts.finish()
        await writer.value
    }

    private static func write(_ start: WorkerStart, _ journal: any JournalStore) async {
        let fields: [String: JSONValue] = [
            "plugin": .string(start.plugin), "version": .string(start.version),
            "generation": .integer(Int64(start.generation)), "digest": .string(start.digest.hex),
            "process_id": .integer(Int64(start.processID)),
            "isolation": .string(start.isolation.level.name),
            "landlock_abi": .integer(Int64(start.isolation.landlockABI)),
            "missing": .array(start.isolation.missing.map { .string($0) }),
        ]
        // A journal that cannot be written ends its runs itself; this leaf is not what they wait for.
        _ = try? await journal.write { transaction throws(JournalError) in
            try transaction.auditAppend(type: "worker.started", fields: fields)
        }
    }
}
