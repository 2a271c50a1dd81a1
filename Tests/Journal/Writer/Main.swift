import Foundation
import Journal
import Kernel
import Synchronization

/// A host that writes until it is killed, for the crash tests: each acknowledged run's id goes to standard output
/// once its commit has returned.
///
/// Arguments: folder, number of concurrent writers, and optionally `before` or `after` with the number of the group
/// commit at which the process kills itself, or `money`, to hold and settle instead. A last argument `schedule` makes
/// it look at a schedule of every second, by a clock that goes on by one with each look. Where the store refuses, it
/// says so twice, `refused` and `again`, and ends. Instead of the number, `archive` moves old runs to the archive, and
/// `archive-dying` is killed in the middle of it. `count` with a number makes so many writes, one after the other, each
/// acknowledged with the checkpoint that covers it, and comes to an orderly end.
@main
enum Main {
    static func main() async throws {
        let arguments = CommandLine.arguments
        if arguments[2].hasPrefix("archive") {
            return try await archive(arguments[1], dying: arguments[2] == "archive-dying")
        }
        if arguments[2] == "count" { return await count(Int(arguments[3]) ?? 1, in: arguments[1]) }
        let faults = arguments.count > 4 ? dying(arguments[3], at: Int(arguments[4]) ?? 1) : CommitFaults.none
        if arguments.last == "schedule" { return try await fire(arguments[1], faults) }
        let journal = try await SQLiteJournal.open(
            folder: arguments[1], clock: { Instant(unixMilliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) },
            hostID: "writer", faults: faults)
        let isPaying = arguments.count > 3 && arguments[3] == "money"
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<(Int(arguments[2]) ?? 1) {
                group.addTask {
                    for word in ["refused", "again"] {
                        do {
                            try await isPaying ? pay(from: journal) : write(to: journal, writer: writer)
                        } catch {
                            say("\(word): \(error)")
                        }
                    }
                }
            }
        }
        await journal.close()
    }

    /// Moves what the store's policy says, long after; dies when the first runs are in the archive and in the store.
    private static func archive(_ folder: String, dying: Bool) async throws {
        let later = Int64(Date().timeIntervalSince1970 * 1_000) + 400 * 86_400_000
        let journal = try await SQLiteJournal.open(
            folder: folder, clock: { Instant(unixMilliseconds: later) }, hostID: "archiver")
        let report = try await journal.retain(midMove: { if dying { kill(getpid(), SIGKILL) } })
        say("archived \(report.archivedRuns)")
        await journal.close()
    }

    /// What is refused is tried once more; then nothing is. The exit code is 4 when anything was refused.
    private static func count(_ writes: Int, in folder: String) async {
        var refusals = 0
        do throws(JournalError) {
            let journal = try await SQLiteJournal.open(
                folder: folder, clock: { Instant(unixMilliseconds: 1_800_000_000_000) }, hostID: "writer")
            for number in 0..<writes where refusals < 2 {
                if let line = await acknowledged(number, journal) { say(line) } else { refusals += 1 }
            }
            await journal.close()
        } catch {
            say("refused: \(error)")
            refusals = 2
        }
        exit(refusals == 0 ? 0 : 4)
    }

    /// A run's id, and the size and root of the log that has it, where that can be read; nil when the store refused.
    private static func acknowledged(_ number: Int, _ journal: SQLiteJournal) async -> String? {
        let id = RunID(unixMilliseconds: Int64(number), random: (0..<10).map { _ in UInt8.random(in: 0...255) })
        do throws(JournalError) {
            try await journal.write { journal throws(JournalError) in try make(id, writer: 0, in: journal) }
        } catch {
            say("refused: \(error)")
            return nil
        }
        let checkpoint = try? await journal.read { journal throws(JournalError) in
            try journal.latestAuditCheckpoint()
        }
        return "\(id)" + (checkpoint.flatMap { $0 }.map { " \($0.size) \($0.root)" } ?? "")
    }

    private static func say(_ text: String) {
        let line = Array("\(text)\n".utf8)
        let written = line.withUnsafeBytes { Foundation.write(1, $0.baseAddress, $0.count) }
        if written != line.count { exit(3) }
    }

    private static func dying(_ moment: String, at number: Int) -> CommitFaults {
        let die: @Sendable (Int) -> Void = { if $0 == number { kill(getpid(), SIGKILL) } }
        return moment == "before" ? CommitFaults(before: die) : CommitFaults(after: die)
    }

    /// The nominal times go to the output once their commit has returned.
    private static func fire(_ folder: String, _ faults: CommitFaults) async throws {
        let seconds = Mutex<Int64>(0)
        let journal = try await SQLiteJournal.open(
            folder: folder,
            clock: { Instant(unixMilliseconds: 1_800_000_000_000 + seconds.withLock { $0 } * 1_000) },
            hostID: "writer", faults: faults)
        let task = TaskReference(department: "d", task: "t")
        let definition = ScheduleDefinition(
            task: task, expression: "every 1s", policy: SchedulePolicy(overlap: .allow))
        _ = try await journal.write { journal throws(JournalError) in
            try journal.scheduleSet("beat", definition, expected: 0, by: "test")
        }
        for second in 1...1_000 {
            seconds.withLock { $0 = Int64(second) }
            let look = try await journal.write { journal throws(JournalError) in
                try journal.scheduleLook("beat", revision: 1, refusal: nil) { _, fire, input, _ in
                    NewRun(id: RunID(fire), tenant: "t", task: task, input: input)
                }
            }
            for run in look?.started ?? [] { say(run.idempotencyKey ?? "") }
        }
        await journal.close()
    }

    /// Holds in one commit and settles in another, as a model call does; the cost follows from the attempt's name.
    private static func pay(from journal: SQLiteJournal) async throws {
        let random = (0..<10).map { _ in UInt8.random(in: 0...255) }
        let run = RunID(unixMilliseconds: 1, random: random)
        let path = BudgetPayer(tenant: "t", department: "d", agent: "a").nodes
        let day = BudgetLimit(period: .calendar(.day, zone: "UTC"), amount: Nanodollars(1 << 50), thresholds: [])
        try await journal.write { journal throws(JournalError) in
            _ = try journal.runInsert(
                NewRun(id: run, tenant: "t", task: TaskReference(department: "d", task: "t"), input: []))
            try journal.budgetSet(.tenant("t"), day)
        }
        for number in 0..<Int.max {
            let attempt = "\(run)/\(number)/1"
            let cost = attempt.utf8.reduce(Int64(0)) { ($0 * 31 + Int64($1)) % 97 }
            try await journal.write { journal throws(JournalError) in
                try journal.budgetReserve(
                    Reservation(attempt: attempt, run: run, path: path, amount: Nanodollars(60)))
            }
            say("held \(attempt)")
            _ = try await journal.write { journal throws(JournalError) in
                try journal.budgetSettle(attempt, actual: Nanodollars(cost))
            }
            say("settled \(attempt)")
        }
    }

    /// Each write is a run, a step, an event and a hold: all or nothing.
    private static func write(to journal: SQLiteJournal, writer: Int) async throws {
        for number in 0..<Int.max {
            let random = (0..<10).map { _ in UInt8.random(in: 0...255) }
            let id = RunID(unixMilliseconds: Int64(number), random: random)
            try await journal.write { journal throws(JournalError) in try make(id, writer: writer, in: journal) }
            say("\(id)")
        }
    }

    private static func make(
        _ id: RunID, writer: Int, in journal: any JournalTransaction
    ) throws(JournalError) {
        let task = TaskReference(department: "d\(writer)", task: "t")
        _ = try journal.runInsert(NewRun(id: id, tenant: "acme", task: task, input: []))
        let ready = try journal.runsReady(after: 0, limit: 64).filter { $0.group.department == task.department }
        for run in try journal.runClaim(ready.prefix(1).map(\.number)) {
            let step = StepRecord(
                sequence: 0, kind: .now, name: "now", occurrence: 0, shape: Digest.sha256([]), state: .done,
                startedAt: journal.now)
            try journal.stepInsert(step, run: run.id, fence: run.fence)
            _ = try journal.eventAppend(NewEvent(topic: "made", run: id, root: id, body: .null))
            try journal.budgetReserve(
                Reservation(attempt: "\(id)/0/1", run: id, path: [.organisation], amount: Nanodollars(1)))
        }
    }
}

extension RunID {
    fileprivate init(_ fire: ScheduleFire) {
        self.init(unixMilliseconds: fire.nominal.unixMilliseconds, random: (0..<10).map { _ in .random(in: 0...255) })
    }
}
