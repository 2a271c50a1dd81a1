import Gateway
import HostTools
import Journal
import Kernel
import Placement
import Synchronization

/// What all executions share. Clock, randomness and identifiers enter the engine here and nowhere else.
final class EngineCore: Sendable {
    let journal: any JournalStore
    let gateway: Gateway
    let tools: [String: any HostTool]
    let fetcher: Fetcher
    let departments: DepartmentRegistry
    let health: DepartmentHealth
    let settings: HostSettings
    let clock: @Sendable () -> Instant

    let notices = NoticeHub()
    /// Woken when a run becomes terminal or paused.
    let runEnds = Waiters<RunID>()
    /// Woken when an approval is decided, by people, time or withdrawal.
    let decisions = Waiters<ApprovalKey>()

    struct ApprovalKey: Hashable, Sendable {
        var run: RunID
        var sequence: Int
    }

    private struct State {
        var executions: [RunID: RunExecution] = [:]
        /// Asked of runs that were claimed and do not execute yet, with the reason. By claim: a later one of the same
        /// run is not meant.
        var cancelled: [ClaimDesk.Place: String] = [:]
        var isDraining = false
        var isClosing = false
    }

    private let state = Mutex(State())
    private let currentTuning: Mutex<HostTuning>
    let desk = ClaimDesk()
    let limits = OperatorLimits()
    private let poke: AsyncStream<Void>.Continuation
    let pokes: AsyncStream<Void>
    private let schedulePoke: AsyncStream<Void>.Continuation
    let schedulePokes: AsyncStream<Void>
    let approvalPoke: AsyncStream<Void>.Continuation
    let approvalPokes: AsyncStream<Void>

    init(
        journal: any JournalStore, gateway: Gateway, departments: DepartmentRegistry, health: DepartmentHealth,
        settings: HostSettings, clock: @escaping @Sendable () -> Instant
    ) {
        self.journal = journal
        self.gateway = gateway
        fetcher = Fetcher(settings.fetches)
        self.departments = departments
        self.health = health
        self.settings = settings
        currentTuning = Mutex(settings.tuning)
        self.clock = clock
        tools = Dictionary(settings.tools.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        (pokes, poke) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (approvalPokes, approvalPoke) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (schedulePokes, schedulePoke) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// What holds now.
    var tuning: HostTuning {
        get { currentTuning.withLock { $0 } }
        set { currentTuning.withLock { $0 = newValue } }
    }

    /// One question to the journal, refused in the engine's words.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalReading) throws(JournalError) -> Value
    ) async throws(EngineError) -> Value {
        do {
            return try await journal.read(body)
        } catch {
            throw EngineError(error)
        }
    }

    /// One change to the journal, refused in the engine's words.
    @discardableResult
    func change<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws(EngineError) -> Value {
        do {
            return try await journal.write(body)
        } catch {
            throw EngineError(error)
        }
    }

    /// What may begin is decided anew by what the journal says now.
    func loadLimits() async throws(EngineError) {
        do {
            try await limits.load(journal, desk, at: clock())
        } catch {
            throw EngineError(error)
        }
        pokeScheduler()
    }

    /// There may be something to claim.
    func pokeScheduler() { poke.yield() }

    /// Time may have to do its part about a request earlier than was known.
    func pokeApprovals() { approvalPoke.yield() }

    /// A schedule is another now.
    func pokeSchedules() { schedulePoke.yield() }

    func newRunID() -> RunID {
        RunID(unixMilliseconds: clock().unixMilliseconds, random: randomBytes(count: 10))
    }

    /// For jitter.
    func random() -> UInt64 { SystemClock.randomBytes(count: 8).reduce(0) { $0 << 8 | UInt64($1) } }

    func randomBytes(count: Int) -> [UInt8] { SystemClock.randomBytes(count: count) }

    // MARK: Active executions

    var isDraining: Bool { state.withLock { $0.isDraining } }
    func startDraining() { state.withLock { $0.isDraining = true } }

    func startClosing() { state.withLock { $0.isClosing = true } }

    /// False when the host is closing: the run stays open for the next start.
    func add(_ execution: RunExecution) -> Bool {
        let (isAdded, reason) = state.withLock { state in
            let reason = state.cancelled.removeValue(forKey: ClaimDesk.Place(execution.run))
            guard !state.isClosing else { return (false, reason) }
            state.executions[execution.run.id] = execution
            return (true, reason)
        }
        if let reason { execution.cancel(reason) }
        return isAdded
    }

    /// The journal has it that the run shall end: its execution hears it, at once or as soon as it begins.
    func cancel(_ run: RunRecord, _ reason: String) {
        let execution = state.withLock { state in
            if state.executions[run.id] == nil { state.cancelled[ClaimDesk.Place(run)] = reason }
            return state.executions[run.id]
        }
        execution?.cancel(reason)
    }

    func remove(_ execution: RunExecution) {
        state.withLock { state in
            if state.executions[execution.run.id] === execution { state.executions[execution.run.id] = nil }
        }
        endClaim(of: execution.run)
    }

    /// A claimed run that does not come to execute.
    func noteRefused(_ run: RunRecord) {
        state.withLock { $0.cancelled[ClaimDesk.Place(run)] = nil }
        endClaim(of: run)
    }

    private func endClaim(of run: RunRecord) {
        desk.end(ClaimDesk.Place(run), at: SystemClock.tick())
        noteFreePlace()
    }

    /// Another may begin in a place that was left.
    func noteFreePlace() { if desk.waiting > 0 { pokeScheduler() } }

    func execution(of run: RunID) -> RunExecution? { state.withLock { $0.executions[run] } }
    var executions: [RunExecution] { state.withLock { Array($0.executions.values) } }

    /// Asks all runs back that are on this generation's place.
    func handBack(runsOf generation: Generation, _ reason: String) {
        for execution in executions where execution.lease?.generation === generation { execution.handBack(reason) }
    }

    /// Runs that compute now; those that wait hold no slot.
    var activeCounts: (computing: Int, waiting: Int) {
        let all = executions
        let waiting = all.count { $0.isWaiting }
        return (all.count - waiting, waiting)
    }

    // MARK: Admission

    /// Checks that the task exists, is enabled and takes this input.
    func admit(_ task: TaskReference, input: [UInt8]) throws(EngineError) {
        if task == PlanPlugin.task {
            _ = try PlanPlugin.parse(input)
            return
        }
        let generation = try departments.available(task.department).current
        let definition = try generation.definition(of: task)
        let document: JSONValue
        do {
            document = try JSONParser.parse(input)
        } catch {
            throw EngineError(
                .invalidInput([SchemaViolation(pointer: "", message: error.description, keyword: "json")]),
                "the input of \(task) is not JSON")
        }
        let violations = generation.violations(input: document, of: definition.name)
        guard violations.isEmpty else {
            throw EngineError(.invalidInput(violations), "the input of \(task) does not fit its schema")
        }
    }
}
