import Journal
import Kernel
import Placement
import Synchronization

/// One execution of one claimed run: begins the task at its place, performs its effects in the order of the
/// pipeline, and ends the run with one commit. A crash of anything in between leaves a journal from which the next
/// execution goes on.
final class RunExecution: Sendable {
    let run: RunRecord
    let core: EngineCore
    let place: any PlacedPlugin
    /// Its use of the place, until the call has ended; nil for plans, which have none.
    let lease: Generation.Lease?
    let task: Manifest.Task
    private let currentPermissions: @Sendable () -> Permissions
    /// From the organisation down to this run; each node's cap binds.
    let budgetPath: BudgetPath

    private let instance: InstanceID
    private let recorded: [StepRecord]
    let state: Mutex<State>
    let inbox: AsyncStream<CallEvent>.Continuation
    private let events: AsyncStream<CallEvent>

    /// How the execution ends.
    enum End: Sendable {
        case completed(Result<[UInt8], Failure>)
        /// The host ended it, and would again.
        case refused(Failure)
        case lost(PluginLoss)
        /// A reload took the place: the run goes on with the next generation, by replay.
        case handedBack(String)
        case paused(Failure)
        /// Somebody else owns the run now, or the store is gone: write nothing.
        case abandoned(String)
    }

    struct Operation {
        var work: Task<Void, Never>?
        var chunks: ChunkGate?
        /// Nothing was sent: it may be cut short at any time and taken up again.
        var onlyWaits = false
        /// Cut short because the run goes on elsewhere.
        var isLeft = false
    }

    struct State {
        var call: CallID?
        var outbox = StepOutbox()
        var operations: [OperationID: Operation] = [:]
        /// Local steps that the plugin computes now, by ticket.
        var computing: [UInt64: StepRecord] = [:]
        var openWaits = 0
        /// Called once, when the run first waits for something outside.
        var onFirstWait: (@Sendable () -> Void)?
        var isRecordedWaiting = false
        var isBuildRecorded = false
        var mayHaveChildren = false
        var isCancelled = false
        var cancelReason = "cancelled"
        /// The limit on time that ended the attempt.
        var expired: TimeLimit?
        var lastSign: ContinuousClock.Instant?
        /// Why the run was asked back, once it was. What the plugin says from then on does not count.
        var handedBack: String?
        var end: End?
        var activeSince: ContinuousClock.Instant?
        var activeBefore: Duration = .zero
        var sensitivity = Sensitivity.usual
        var classRaise: ClassRaise?
        var minimiser: Minimiser?
    }

    init(
        run: RunRecord, core: EngineCore, place: any PlacedPlugin, lease: Generation.Lease?, instance: InstanceID,
        task: Manifest.Task, steps: [StepRecord], budgetPath: BudgetPath,
        permissions: @escaping @Sendable () -> Permissions
    ) {
        self.run = run
        self.core = core
        self.place = place
        self.lease = lease
        self.instance = instance
        self.task = task
        currentPermissions = permissions
        recorded = steps
        self.budgetPath = budgetPath
        var state = State()
        state.isBuildRecorded = run.build == place.descriptor.digest
        state.isCancelled = run.cancelRequested
        state.sensitivity = run.sensitivity
        self.state = Mutex(state)
        // The lane bounds open operations, and each of them puts a bounded number of events here.
        (events, inbox) = AsyncStream.makeStream(of: CallEvent.self)
    }

    /// What the department may do now.
    var permissions: Permissions { currentPermissions() }

    func execute() async {
        guard core.add(self) else {
            lease?.end()
            return
        }
        defer { core.remove(self) }
        guard run.content == .open else {
            lease?.end()
            let text = "its data cannot be read: it is \(run.content.rawValue) (bureau subjects show says of whom)"
            return await conclude(.paused(Failure(.denied, text)))
        }
        notify(.started(attempt: run.attempt))
        let journal: RunJournal
        do {
            // A run that a person retried still carries its old failure.
            journal = try RunJournal(steps: recorded, retriesFailures: run.failure != nil)
        } catch {
            lease?.end()
            return await conclude(.paused(error))
        }
        let start = TaskStart(
            task: run.task.task, input: run.input, attempt: UInt32(clamping: run.attempt),
            idempotencyKey: run.idempotencyKey ?? run.id.description, runID: run.id.description,
            timeoutMilliseconds: nil)
        let (inbox, lease) = (inbox, lease)
        let call = place.begin(start, on: instance) { event in
            inbox.yield(event)
            switch event {
            case .completed, .lost:
                inbox.finish()
                lease?.end()
            default: break
            }
        }
        let reason = state.withLock { state -> Status? in
            state.call = call
            state.activeSince = .now
            return state.isCancelled ? .cancelled : state.handedBack == nil ? nil : .busy
        }
        if let reason { place.cancel(call, reason: reason) }
        let end = await consume(journal)
        if case .handedBack = end { await letOperationsEnd() }
        // From here on an operation that is cut short has no answer: its step stays open for the next execution.
        state.withLock { if $0.end == nil { $0.end = end } }
        // What was sent is billed, whether or not the plugin waited for it: each operation ends its books first.
        for work in stopOperations() { await work.value }
        await conclude(end)
    }

    /// The one reader of this call's events: effects are numbered in the order in which they arrive here.
    private func consume(_ recorded: RunJournal) async -> End {
        var journal = recorded, loops = LoopGuard(core.settings.loopLimits)
        for await event in events {
            if task.heartbeatSeconds != nil { state.withLock { $0.lastSign = .now } }
            switch event {
            case .effect(let operation, let start): begin(operation, start, &journal, &loops)
            case .record(let operation, let ticket, let result): record(operation, ticket, result)
            case .cancelOperation(let operation): cancelOperation(operation)
            case .grant(let operation, let chunks): state.withLock { $0.operations[operation]?.chunks }?.grant(chunks)
            case .emitted(let kind, let bytes): emitted(kind, bytes)
            case .logged(let level, let text):
                notify(.log(level: String(describing: level), core.settings.logMask.masked(text)))
            case .completed(let result):
                if let end = state.withLock({ $0.end }) ?? handBack(after: result) { return end }
                guard case .success(let output) = result, task.requiresApproval || run.isReviewed else {
                    return .completed(result)
                }
                let reviewed = await review(output, &journal)
                return state.withLock { $0.end } ?? reviewed
            case .lost(let loss): return state.withLock { $0.end } ?? handBack(after: loss) ?? .lost(loss)
            }
        }
        return state.withLock { $0.end } ?? .abandoned("the call ended without a terminal event")
    }

    // MARK: Beginning effects

    /// Grant, key and shape, replay; then the effect goes its own way and the reader to the next event.
    private func begin(
        _ operation: OperationID, _ start: EffectStart, _ journal: inout RunJournal, _ loops: inout LoopGuard
    ) {
        if state.withLock({ $0.isCancelled || $0.expired != nil || $0.handedBack != nil || $0.end != nil }) {
            deliver(
                .failed(Failure(.cancelled, "the run is being cancelled"), value: 0, replayed: false), to: operation)
            return
        }
        if let denial = denial(of: start.request) {
            deny(operation, start, denial)
            return
        }
        switch journal.begin(start) {
        case .replay(let step): replay(step, to: operation)
        case .mismatch(let message): stop(.paused(Failure(.replay, message)))
        case .refused(let message):
            deliver(.failed(Failure(.tooLarge, message), value: 0, replayed: false), to: operation)
        case .resume(var step):
            step.attempt += 1
            // What failed is done anew: the child that failed or the timer that was cut short is not waited for again.
            if step.state == .failed { step.reference = nil }
            step.state = .intended
            step.failure = nil
            step.result = nil
            step.finishedAt = nil
            guard isAllowed(step, &loops) else { return }
            perform(operation, start, step, isResumed: true)
        case .perform(let sequence, let name, let occurrence):
            let step = StepRecord(
                intending: start.request, sequence: sequence, name: name, occurrence: occurrence,
                startedAt: core.clock())
            guard isAllowed(step, &loops) else { return }
            open(step)
            perform(operation, start, step, isResumed: false)
        }
    }

    /// A new step: its intent rides in the run's next commit.
    func open(_ step: StepRecord) { state.withLock { $0.outbox.start(step) } }

    /// A step's end, for the run's next commit. Nil once the execution is being stopped: what a stop cuts short is
    /// no answer, so the step stays open for the next execution.
    @discardableResult
    func keep(_ step: StepRecord, _ result: Result<EffectResult, Failure>) -> StepRecord? {
        let ended = ended(step, result.mapError { StepFailure($0) })
        return state.withLock { state in
            guard state.end == nil else { return nil }
            state.outbox.change(ended)
            return ended
        }
    }

    /// Whether operations that end now were cut short by the end of the execution.
    var isStopping: Bool { state.withLock { $0.end != nil } }

    /// What `stop` was called with.
    var stoppedEnd: End { state.withLock { $0.end } ?? .abandoned("the execution was stopped") }

    private func replay(_ step: StepRecord, to operation: OperationID) {
        notify(
            .stepFinished(
                name: step.name, step.kind, step.state, replayed: true, cost: .zero, milliseconds: 0))
        if let failure = step.failure {
            deliver(.failed(failure, value: step.result?.value ?? 0, replayed: true), to: operation)
        } else {
            deliver(.done(step.result ?? EffectResult(), replayed: true), to: operation)
        }
    }

    private func perform(_ operation: OperationID, _ start: EffectStart, _ step: StepRecord, isResumed: Bool) {
        notify(.stepStarted(name: step.name, step.kind))
        switch start.request {
        case .step:
            let ticket = UInt64(step.sequence) + 1
            state.withLock { $0.computing[ticket] = step }
            deliver(.compute(ticket: ticket), to: operation)
        case .now:
            finish(operation, step, .success(EffectResult(value: UInt64(clamping: core.clock().unixMilliseconds))))
        case .random(let count):
            guard (1...4096).contains(count) else {
                finish(operation, step, .failure(Failure(.invalid, "random: count must be 1 to 4,096, not \(count)")))
                return
            }
            finish(operation, step, .success(EffectResult(data: core.randomBytes(count: count))))
        default:
            if case .model(let request) = start.request {
                state.withLock {
                    $0.operations[operation] = Operation(
                        chunks: ChunkGate(credit: request.chunkCredit) { [weak self] text in
                            self?.deliver(.chunk(Array(text.utf8)), to: operation)
                        })
                }
            }
            if start.request.onlyWaits {
                state.withLock { $0.operations[operation, default: Operation()].onlyWaits = true }
            }
            spawnAside(operation) { [self] in
                await performAside(operation, start, step, isResumed: isResumed)
            }
        }
    }

    func spawnAside(_ operation: OperationID, _ work: @escaping @Sendable () async -> Void) {
        let task = Task { [self] in
            await work()
            state.withLock { $0.operations[operation] = nil }
        }
        state.withLock { state in
            guard state.end == nil else {
                task.cancel()
                return
            }
            // A very fast effect may have removed itself already; its finished task is then kept until the run ends.
            state.operations[operation, default: Operation()].work = task
        }
    }

    /// The end of a local step: one commit, then the plugin hears that it is safe.
    private func record(_ operation: OperationID, _ ticket: UInt64, _ result: Result<[UInt8], Failure>) {
        guard let step = state.withLock({ $0.computing.removeValue(forKey: ticket) }) else {
            let failure = Failure(.invalid, "step.record: no open step has ticket \(ticket)")
            deliver(.failed(failure, value: 0, replayed: false), to: operation)
            return
        }
        spawnAside(operation) { [self] in
            await settle(operation, step) { _ throws(JournalError) in
                result.map { EffectResult(data: $0) }.mapError { StepFailure($0) }
            }
        }
    }

    private func emitted(_ kind: EmitKind, _ bytes: [UInt8]) {
        guard core.notices.isWatched else { return }
        switch kind {
        case .partial: notify(.partial(String(decoding: bytes, as: UTF8.self)))
        case .progress:
            guard let document = try? JSONParser.parse(bytes) else { return }
            let fraction = document["fraction_milli"]?.integerValue.map { Int(max(0, min(1000, $0))) }
            notify(.progress(fractionMilli: fraction, text: document["text"]?.stringValue ?? ""))
        }
    }
}
