import Journal
import Kernel
import Synchronization
import TestSupport

/// A clock that moves only when told.
final class TestClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ start: Int64 = 1_800_000_000_000) { milliseconds = Mutex(start) }

    var now: Instant { Instant(unixMilliseconds: milliseconds.withLock { $0 }) }
    func advance(byMilliseconds step: Int64) { milliseconds.withLock { $0 += step } }
}

/// A journal in a fresh folder with a clock that stands still.
struct TestStore {
    let folder: Scratch
    let clock: TestClock
    let journal: SQLiteJournal

    init(
        folder: Scratch? = nil, clock: TestClock = TestClock(), faults: CommitFaults = .none
    ) async throws {
        let folder = try folder ?? Scratch()
        self.folder = folder
        self.clock = clock
        journal = try await SQLiteJournal.open(
            folder: folder.path, clock: { clock.now }, hostID: "test", faults: faults, subjects: Self.files(folder.path)
        )
    }

    /// In the folder, so that they go with it.
    static func files(_ folder: String) -> SubjectFiles {
        SubjectFiles(keys: folder + "/outside.keys", erased: folder + "/outside.erased")
    }

    /// The next host on the same store.
    func reopened() async throws -> TestStore {
        await journal.close()
        return try await TestStore(folder: folder, clock: clock)
    }

    func insert(_ run: NewRun) async throws -> RunRecord {
        try await journal.write { journal throws(JournalError) in try journal.runInsert(run) }
    }

    /// Admitted and claimed.
    func running(_ run: NewRun = .sample()) async throws -> RunRecord {
        let department = run.task.department
        let claimed = try await journal.write { journal throws(JournalError) in
            _ = try journal.runInsert(run)
            return try journal.runClaim(departments: [department], limit: 1)
        }
        return try claimed.first.orFail("nothing to claim")
    }

    func run(_ id: RunID) async throws -> RunRecord {
        try await journal.read { journal throws(JournalError) in try journal.run(id) }.orFail("run \(id) is missing")
    }

    func mismatches() async throws -> [AuditMismatch] {
        try await journal.read { journal throws(JournalError) in try journal.auditMismatches() }
    }

    func leafTypes() async throws -> [String] {
        let leaves = try await journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: 0, limit: 100_000)
        }
        return try leaves.map { try CanonicalJSON.decode($0.bytes)["type"]?.stringValue ?? "?" }
    }
}

struct Missing: Error, CustomStringConvertible { let description: String }

extension Optional {
    func orFail(_ message: String) throws -> Wrapped {
        guard let self else { throw Missing(description: message) }
        return self
    }
}

extension RunID {
    private static let counter = Mutex<UInt64>(0)

    /// Unique within the process.
    static func sample() -> RunID {
        let number = counter.withLock { counter in
            counter += 1
            return counter
        }
        let tail = withUnsafeBytes(of: number.bigEndian) { Array($0) }
        return RunID(unixMilliseconds: 1_800_000_000_000, random: [0, 0] + tail)
    }
}

extension NewRun {
    static func sample(
        _ task: TaskReference = TaskReference(department: "research", task: "rank"), priority: Int = 2,
        key: String? = nil, parent: RunRecord? = nil, budget: Nanodollars? = nil, startAt: Instant? = nil
    ) -> NewRun {
        NewRun(
            id: .sample(), tenant: "acme", task: task, priority: priority, input: Array(#"{"top":3}"#.utf8),
            idempotencyKey: key, root: parent?.root, parent: parent?.id, parentSequence: parent == nil ? nil : 0,
            caps: RunCaps(cost: budget), startAt: startAt)
    }
}

extension StepRecord {
    static func sample(
        _ sequence: Int, kind: EffectKind = .model, state: StepState = .intended, result: EffectResult? = nil,
        cost: Nanodollars = .zero
    ) -> StepRecord {
        StepRecord(
            sequence: sequence, kind: kind, name: kind.name, occurrence: sequence,
            shape: Digest.sha256([UInt8(sequence & 255)]), state: state, result: result, cost: cost,
            startedAt: Instant(unixMilliseconds: 1_800_000_000_000))
    }
}

extension ChargeUsage {
    static func sample(_ tokens: Int64) -> ChargeUsage { ChargeUsage(tokens: TokenUsage(input: tokens)) }
}

extension BudgetNode {
    static func path(_ run: RunID) -> [BudgetNode] {
        [.organisation, .tenant("acme"), .department(tenant: "acme", "research"), .run(run)]
    }
}

/// The code of what `body` throws; nil when it does not.
func refusal<Value>(_ body: () async throws -> Value) async throws -> JournalError.Code? {
    do {
        _ = try await body()
        return nil
    } catch let error as JournalError {
        return error.code
    }
}
