import Journal
import Kernel
import Placement
import Synchronization

/// What the departments' plugins died of: which runs must run alone, and which departments begin none.
///
/// Decisions are made at once, in the order of the losses; the journal hears of them in the same order, a little
/// later. A host that dies in between forgets one crash, which then is not counted.
final class DepartmentHealth: Sendable {
    private static let wardCapacity = 8
    private static let recordedSuspects = 64

    private struct State {
        var histories: [String: CrashHistory] = [:]
        /// Active ones only.
        var quarantines: [String: Quarantine] = [:]
        var isolated: Set<RunID> = []
    }

    private enum Fact: Sendable {
        case crashed(CrashRecord)
        case quarantined(Quarantine)
        /// Told when all before it is stored.
        case barrier(CheckedContinuation<Void, Never>)
    }

    let ward = IsolationWard(capacity: wardCapacity)
    private let state: Mutex<State>
    private let limit: CrashHistory.Limit
    private let journal: any JournalStore
    private let clock: @Sendable () -> Instant
    private let facts: AsyncStream<Fact>.Continuation
    private let keeper: Task<Void, Never>

    /// - Parameter stored: from the journal; those that are active hold again.
    init(
        journal: any JournalStore, stored: [Quarantine], limit: CrashHistory.Limit,
        clock: @escaping @Sendable () -> Instant
    ) {
        self.journal = journal
        self.limit = limit
        self.clock = clock
        let active = stored.filter(\.isActive).map { ($0.department, $0) }
        state = Mutex(State(quarantines: Dictionary(active, uniquingKeysWith: { $1 })))
        let (stream, facts) = AsyncStream.makeStream(of: Fact.self)
        self.facts = facts
        keeper = Task {
            for await fact in stream { await Self.keep(fact, in: journal) }
        }
    }

    private static func keep(_ fact: Fact, in journal: any JournalStore) async {
        if case .barrier(let waiter) = fact { return waiter.resume() }
        // A store that refuses this refuses the runs' own commits too, which say so.
        try? await journal.write { transaction throws(JournalError) in
            switch fact {
            case .crashed(let crash): try transaction.crashAppend(crash)
            case .quarantined(let quarantine): try transaction.quarantineSet(quarantine)
            case .barrier: break
            }
        }
    }

    /// Ends after all that was noted is stored.
    func close() async {
        facts.finish()
        await keeper.value
    }

    // MARK: Crashes

    /// Called by the placement before the runs hear of the loss, so that none of them begins again too soon.
    func note(_ crash: PluginCrash) {
        switch crash.loss.cause {
        case .closed, .startFailed, .notConfined, .companion: return
        case .signal, .exit, .garbage, .silent, .hung: break
        }
        let now = clock()
        let suspects = crash.suspects.compactMap { RunID($0) }
        facts.yield(
            .crashed(
                CrashRecord(
                    department: crash.department, at: now, plugin: crash.loss.plugin, version: crash.loss.version,
                    build: crash.build, generation: crash.loss.generation, reason: crash.loss.description,
                    report: crash.loss.crash, suspects: Array(suspects.prefix(Self.recordedSuspects)))))
        // A task that outlives its deadline fails for itself; it is no crash loop.
        if case .hung = crash.loss.cause { return }
        let quarantine = state.withLock { state -> Quarantine? in
            let isLoop = state.histories[crash.department, default: CrashHistory()]
                .add(at: now, suspects: Set(suspects), limit: limit)
            guard isLoop, state.quarantines[crash.department] == nil else { return nil }
            let quarantine = Quarantine(
                department: crash.department, build: crash.build, since: now,
                reason: "\(limit.crashes) crashes in \(limit.windowSeconds) s; the last: \(crash.loss)")
            state.quarantines[crash.department] = quarantine
            return quarantine
        }
        if let quarantine { facts.yield(.quarantined(quarantine)) }
    }

    // MARK: Runs

    /// From now on the run gets a process of its own.
    func isolate(_ run: RunID) { state.withLock { _ = $0.isolated.insert(run) } }
    func isIsolated(_ run: RunID) -> Bool { state.withLock { $0.isolated.contains(run) } }
    func release(_ run: RunID) { state.withLock { _ = $0.isolated.remove(run) } }

    // MARK: Quarantine

    var quarantines: [Quarantine] { state.withLock { Array($0.quarantines.values) } }

    func quarantine(of department: String) -> Quarantine? { state.withLock { $0.quarantines[department] } }

    /// Lifts it in the journal first: a reset that is acknowledged holds after a restart.
    func reset(_ department: String, by: String) async throws(JournalError) {
        await withCheckedContinuation { waiter in
            if case .terminated = facts.yield(.barrier(waiter)) { waiter.resume() }
        }
        try await journal.write { transaction throws(JournalError) in
            try transaction.quarantineLift(department, by: by)
        }
        state.withLock { state in
            state.quarantines[department] = nil
            state.histories[department] = nil
        }
    }

    /// Another file is another plugin: what the old one did does not bind it.
    func buildChanged(_ department: String, to build: Digest) async throws(JournalError) {
        guard let quarantine = quarantine(of: department), quarantine.build != build else { return }
        try await reset(department, by: "build \(build.hex.prefix(12))")
    }
}
