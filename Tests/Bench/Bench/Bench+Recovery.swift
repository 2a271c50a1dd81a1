import Engine
import Foundation
import Journal
import Kernel
import Placement

extension Bench {
    private static let openRuns = 100_000
    /// Of these, in somebody's hands when the host was killed.
    private static let begunRuns = 5_000

    /// From the start on a store as a kill leaves it, to the first run that this host has begun.
    func recovery() async throws -> [Measurement] {
        let killed = "\(folder)/killed"
        let journal = try await SQLiteJournal.open(
            folder: killed, clock: { SystemClock.now() }, hostID: "killed")
        try await fill(journal)
        var times = Samples()
        for round in 0..<3 {
            let store = "\(folder)/recovered-\(round)"
            try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
            // What is synced, and nothing that a close would tidy up.
            for file in ["journal.sqlite", "journal.sqlite-wal"] {
                try FileManager.default.copyItem(atPath: "\(killed)/\(file)", toPath: "\(store)/\(file)")
            }
            let start = ContinuousClock.now
            let host = try await HostRuntime.open(settings(store: store, plugins: [echoPath], placement: .worker))
            while try await host.journal.read({ journal throws(JournalError) in
                try journal.runs(RunFilter(states: [.done]), before: nil, limit: 1).isEmpty
            }) { try await Task.sleep(for: .milliseconds(1)) }
            times.add(start.duration(to: .now).milliseconds)
            await host.shutdown()
        }
        await journal.close()
        return [
            Measurement(
                name: "recovery after a kill to the first run done, 100,000 open runs (p50)", value: times.median,
                unit: "ms", reference: nil, bar: .atMost(1_000))
        ]
    }

    private func fill(_ journal: SQLiteJournal) async throws {
        let task = TaskReference(department: "bench", task: "echo"), batch = 500
        for first in stride(from: 0, to: Self.openRuns, by: batch) {
            let isBegun = first < Self.begunRuns
            try await journal.write { journal throws(JournalError) in
                var numbers: [Int64] = []
                for index in first..<first + batch {
                    let tail = withUnsafeBytes(of: UInt64(index).bigEndian) { Array($0) }
                    let run = NewRun(
                        id: RunID(unixMilliseconds: journal.now.unixMilliseconds, random: [0, 0] + tail),
                        tenant: "tenant-\(index % 50)", task: task, priority: index % 5, input: Array("{}".utf8))
                    numbers.append(try journal.runInsert(run).number)
                }
                guard isBegun else { return }
                for run in try journal.runClaim(numbers) where run.number % 2 == 0 {
                    try journal.runSetWaiting(run.id, fence: run.fence, waiting: true)
                }
            }
        }
    }
}
