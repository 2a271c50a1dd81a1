import Foundation
import Journal
import Kernel
import TestSupport

/// One host after the other on one store, with clients, a provider, people and consumers around it, all from one seed.
///
/// The host is a small one of the checks' own; what it stands on is the journal's real operations and real SQL. It acts
/// only on what was acknowledged to it, and after a death only on what the journal says.
final class SimulatedWorld {
    struct Problem: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }

    /// What one incarnation does for a run.
    struct Execution {
        var run: RunRecord
        var steps: [StepRecord]

        var isWaiting: Bool {
            steps.last.map { $0.state == .intended && [.approval, .sleep, .child].contains($0.kind) } ?? false
        }
    }

    struct Place: Hashable {
        var run: RunID
        var sequence: Int
    }

    struct Submission {
        var run: NewRun
        var acknowledged: RunID?
    }

    enum Outcome<Value> {
        case done(Value)
        case refused(JournalError)
        /// The caller was told nothing true: it happened or not.
        case unknown
    }

    /// A sixth of all commits, when faults are on.
    private static let faultShare = 6
    static let group = "watchers"

    var random: SplitMix64
    let clock = SimulatedClock()
    private let scratch: Scratch
    private let gate = CommitGate()
    private var incarnation = 0
    private(set) var folder: String
    private(set) var journal: SQLiteJournal
    /// Off: what is done is done. For crash images, and at the end.
    var hasFaults: Bool

    var live: [Execution] = []
    /// Executions whose host is gone, or that were paused past their time: they still try to write.
    var ghosts: [Execution] = []
    var submissions: [Submission] = []
    var calls: [OutsideCall] = []
    var deliveries: [Delivery] = []
    /// Results that were acknowledged as committed.
    var results: [Place: EffectResult] = [:]
    var decisions: [ApprovalDecision] = []
    private(set) var faultCount = 0
    private(set) var commitCount = 0
    /// Told after each acknowledged commit.
    var acknowledged: (() async throws -> Void)?

    init(seed: UInt64, scratch: Scratch, template: String?, hasFaults: Bool = true) async throws {
        random = SplitMix64(seed: seed)
        self.scratch = scratch
        self.hasFaults = hasFaults
        folder = scratch.folder("store-0")
        if let template { CommitGate.copy(template, to: folder) }
        journal = try await Self.open(folder, clock, gate)
    }

    private static func open(
        _ folder: String, _ clock: SimulatedClock, _ gate: CommitGate
    ) async throws -> SQLiteJournal {
        try await SQLiteJournal.open(folder: folder, clock: { clock.now }, hostID: "simulated", faults: gate.faults)
    }

    func close() async {
        await journal.close()
    }

    var storePath: String { "\(folder)/\(SQLiteJournal.fileName)" }

    func chance(_ share: Int) -> Bool { Int.random(in: 0..<share, using: &random) == 0 }

    func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &random) }

    // MARK: Commits

    /// One commit, with what may befall it.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws -> Outcome<Value> {
        let fault = hasFaults && chance(Self.faultShare) ? CommitFault.allCases.randomElement(using: &random) : nil
        let copy = scratch.folder("store-\(incarnation + 1)")
        gate.arm(fault, folder: folder, copy: copy)
        let result: Result<Value, JournalError>
        do {
            result = .success(try await journal.write(body))
        } catch {
            result = .failure(error)
        }
        gate.arm(nil, folder: folder, copy: copy)
        commitCount += 1
        if fault != nil { faultCount += 1 }
        switch fault {
        case .deathBefore, .deathAfter:
            try await startAnew(copy)
            return .unknown
        case .lostAcknowledgement, .refusal: return .unknown
        case nil: break
        }
        switch result {
        case .success(let value):
            try await acknowledged?()
            return .done(value)
        case .failure(let error):
            if error.code == .storage { throw Problem("the store failed without a fault: \(error)") }
            return .refused(error)
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalReading) throws(JournalError) -> Value
    ) async throws -> Value {
        try await journal.read(body)
    }

    /// The next incarnation, on what the one before left behind.
    private func startAnew(_ next: String) async throws {
        await journal.close()
        try? FileManager.default.removeItem(atPath: folder)
        incarnation += 1
        folder = next
        journal = try await Self.open(folder, clock, gate)
        abandonAll()
    }

    /// The same host, started again without a death.
    func restart() async throws {
        await journal.close()
        journal = try await Self.open(folder, clock, gate)
        abandonAll()
    }

    private func abandonAll() {
        ghosts = (ghosts + live).suffix(8)
        live = []
        needsRecovery = true
    }

    /// Until it succeeds, nothing is claimed.
    var needsRecovery = true

    func evidence() throws -> Evidence {
        var evidence = try Evidence(store: storePath)
        describe(&evidence)
        return evidence
    }

    /// What was seen from outside of the store.
    func describe(_ evidence: inout Evidence) {
        evidence.acknowledged = submissions.compactMap { $0.acknowledged?.description }
        evidence.calls = calls
        evidence.deliveries = deliveries
        evidence.isHealed = true
    }
}
