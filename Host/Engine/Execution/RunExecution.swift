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
    let task: Manifest.Task
    let grants: Manifest.Wants
    /// From the organisation down to this run; each node's cap binds.
    let budgetPath: [BudgetNode]

    private let instance: InstanceID
    private let recorded: [StepRecord]
    private let state: Mutex<State>
    private let inbox: AsyncStream<CallEvent>.Continuation
    private let events: AsyncStream<CallEvent>

    /// How the execution ends.
    enum End: Sendable {
        case completed(Result<[UInt8], Failure>)
        case lost(PluginLoss)
        case paused(Failure)
        /// Somebody else owns the run now, or the store is gone: write nothing.
        case abandoned(String)
    }

    struct Operation {
        var work: Task<Void, Never>?
        var chunks: ChunkGate?
    }

    struct State {
        var call: CallID?
        var outbox = StepOutbox()
        var operations: [OperationID: Operation] = [:]
        /// Local steps that the plugin computes now, by ticket.
        var computing: [UInt64: StepRecord] = [:]
        var openWaits = 0
        var isRecordedWaiting = false
        var isBuildRecorded = false
        var mayHaveChildren = false
        var isCancelled = false
        var isExpired = false
        var end: End?
        var activeSince: ContinuousClock.Instant?
        var activeBefore: Duration = .zero
    }

    init(
        run: RunRecord, core: EngineCore, place: any PlacedPlugin, instance: InstanceID, task: Manifest.Task,
        steps: [StepRecord], budgetPath: [BudgetNode]
    ) {
        self.run = run
        self.core = core
        self.place = place
        self.instance = instance
        self.task = task
        grants = place.descriptor.manifest.wants
        recorded = steps
        self.budgetPath = budgetPath
        var state = State()
        state.isBuildRecorded = run.build == place.descriptor.digest
        state.isCancelled = run.cancelRequested
        self.state = Mutex(state)
        // The lane bounds open operations, and each of them puts a bounded number of events here.
        (events, inbox) = AsyncStream.makeStream(of: CallEvent.self)
    }

    func execute() async {
        core.add(self)
        defer { core.remove(self) }
        notify(.started(attempt: run.attempt))
        let journal: RunJournal
        do {
            // A run that a person retried still carries its old failure.
            journal = try RunJournal(steps: recorded, retriesFailures: run.failure != nil)
        } catch {
            return await conclude(.paused(error))
        }
        let start = TaskStart(
            task: run.task.task, input: run.input, attempt: UInt32(clamping: run.attempt),
            idempotencyKey: run.idempotencyKey ?? run.id.description, runID: run.id.description,
            timeoutMilliseconds: nil)
        let inbox = inbox
        let call = place.begin(start, on: instance) { event in
            inbox.yield(event)
            switch event {
            case .completed, .lost: inbox.finish()
            default: break
            }
        }
        let cancelNow = state.withLock { state in
            state.call = call
            state.activeSince = .now
            return state.isCancelled
        }
        if cancelNow { place.cancel(call, reason: .cancelled) }
        let end = await consume(journal)
        // What was sent is billed, whether or not the plugin waited for it: each operation ends its books first.
        for work in stopOperations() { await work.value }
        await conclude(end)
    }

    /// The one reader of this call's events: effects are numbered in the order in which they arrive here.
    private func consume(_ recorded: RunJournal) async -> End {
        var journal = recorded
        for await event in events {
            switch event {
            case .effect(let operation, let start): begin(operation, start, &journal)
            case .record(let operation, let ticket, let result): record(operation, ticket, result)
            case .cancelOperation(let operation): state.withLock { $0.operations[operation]?.work }?.cancel()
            case .grant(let operation, let chunks): state.withLock { $0.operations[operation]?.chunks }?.grant(chunks)
            case .emitted(let kind, let bytes): emitted(kind, bytes)
            case .logged(let level, let text): notify(.log(level: String(describing: level), text))
            case .completed(let result):
                if let end = state.withLock({ $0.end }) { return end }
                guard case .success(let output) = result, task.requiresApproval else { return .completed(result) }
                return await review(output, &journal)
            case .lost(let loss): return state.withLock { $0.end } ?? .lost(loss)
            }
        }
        return state.withLock { $0.end } ?? .abandoned("the call ended without a terminal event")
    }

    // MARK: Beginning effects

    /// Grant, key and shape, replay; then the effect goes its own way and the reader to the next event.
    private func begin(_ operation: OperationID, _ start: EffectStart, _ journal: inout RunJournal) {
        if state.withLock({ $0.isCancelled || $0.isExpired || $0.end != nil }) {
            deliver(.failed(Failure(.cancelled, "the run is being cancelled"), value: 0, replayed: false), to: operation)
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
            step.state = .intended
            step.failure = nil
            step.result = nil
            step.finishedAt = nil
            perform(operation, start, step, isResumed: true)
        case .perform(let sequence, let name, let occurrence):
            let step = StepRecord(
                sequence: sequence, kind: start.request.kind, name: name, occurrence: occurrence,
                shape: start.request.shape, state: .intended, startedAt: core.clock())
            open(step)
            perform(operation, start, step, isResumed: false)
        }
    }

    /// A new step: its intent rides in the run's next commit.
    func open(_ step: StepRecord) { state.withLock { $0.outbox.start(step) } }

    /// A step's end without an operation that waits for it.
    func keep(_ step: StepRecord, _ result: Result<EffectResult, Failure>) {
        let ended = ended(step, result.mapError { StepFailure($0) })
        state.withLock { $0.outbox.change(ended) }
    }

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

    // MARK: Ending effects

    /// A failure with the service's number, such as the current revision of a conflict.
    struct StepFailure: Error {
        var failure: Failure
        var value: UInt64 = 0

        init(_ failure: Failure, value: UInt64 = 0) {
            self.failure = failure
            self.value = value
        }
    }

    /// Ends an effect that has no outside consequence: the record rides in the run's next commit.
    func finish(_ operation: OperationID, _ step: StepRecord, _ result: Result<EffectResult, Failure>) {
        let ended = ended(step, result.mapError { StepFailure($0) })
        state.withLock { $0.outbox.change(ended) }
        announce(operation, ended)
    }

    /// Ends an effect together with what it changed, in one commit, before the plugin hears of it. `body` runs on
    /// the journal's writer.
    func settle(
        _ operation: OperationID, _ step: StepRecord,
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Result<EffectResult, StepFailure>
    ) async {
        do throws(JournalError) {
            let settled = try await commit { [self] transaction throws(JournalError) in
                ended(step, try body(transaction))
            }
            if let settled { announce(operation, settled) }
        } catch {
            stop(after: error)
        }
    }

    func ended(_ step: StepRecord, _ result: Result<EffectResult, StepFailure>) -> StepRecord {
        var ended = step
        ended.finishedAt = core.clock()
        switch result {
        case .success(let value):
            ended.state = .done
            ended.result = value
            ended.cost = value.usage?.cost ?? .zero
        case .failure(let error):
            ended.state = .failed
            ended.failure = error.failure
            ended.result = error.value == 0 ? nil : EffectResult(value: error.value)
        }
        return ended
    }

    func announce(_ operation: OperationID, _ step: StepRecord) {
        let milliseconds = (step.finishedAt ?? step.startedAt).unixMilliseconds - step.startedAt.unixMilliseconds
        notify(
            .stepFinished(
                name: step.name, step.kind, step.state, replayed: false, cost: step.cost, milliseconds: milliseconds))
        if let failure = step.failure {
            let event: OperationEvent =
                failure.status == .cancelled
                ? .cancelled : .failed(failure, value: step.result?.value ?? 0, replayed: false)
            deliver(event, to: operation)
        } else {
            deliver(.done(step.result ?? EffectResult(), replayed: false), to: operation)
        }
    }

    /// One commit of this run: `body`'s changes, the step it returns, and everything the outbox holds.
    @discardableResult
    func commit(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> StepRecord?
    ) async throws(JournalError) -> StepRecord? {
        try await core.journal.write { [self] transaction throws(JournalError) in
            let changed = try body(transaction)
            try writeOutbox(transaction, changed: changed)
            return changed
        }
    }

    /// Runs on the journal's writer, so commits of one run take the outbox one after the other.
    func writeOutbox(_ transaction: any JournalTransaction, changed: StepRecord? = nil) throws(JournalError) {
        let drained = state.withLock { state in
            if let changed { state.outbox.change(changed) }
            return state.outbox.drain()
        }
        do {
            try writeBookkeeping(transaction)
            for step in drained.inserts { try transaction.stepInsert(step, run: run.id, fence: run.fence) }
            for step in drained.updates { try transaction.stepUpdate(step, run: run.id, fence: run.fence) }
        } catch {
            state.withLock { $0.outbox.restore(drained) }
            throw error
        }
    }

    private func writeBookkeeping(_ transaction: any JournalTransaction) throws(JournalError) {
        let (needsBuild, waiting) = state.withLock { state -> (Bool, Bool?) in
            let isWaiting = state.openWaits > 0
            return (!state.isBuildRecorded, isWaiting == state.isRecordedWaiting ? nil : isWaiting)
        }
        if needsBuild {
            try transaction.runSetBuild(run.id, fence: run.fence, build: place.descriptor.digest)
            state.withLock { $0.isBuildRecorded = true }
        }
        if let waiting {
            try transaction.runSetWaiting(run.id, fence: run.fence, waiting: waiting)
            state.withLock { $0.isRecordedWaiting = waiting }
        }
    }

    // MARK: Stopping

    /// Ends this execution from inside; the plugin is told to give the call up.
    func stop(_ end: End) {
        let call = state.withLock { state -> CallID? in
            if state.end == nil { state.end = end }
            return state.call
        }
        if let call { place.cancel(call, reason: .busy) }
    }

    func stop(after error: JournalError) {
        switch error.code {
        case .fenced, .closed, .storage: stop(.abandoned(error.message))
        default: stop(.completed(.failure(Failure(.internal, "the journal refused: \(error.message)"))))
        }
    }

    /// A person or the parent cancelled the run.
    func cancel() {
        let call = state.withLock { state -> CallID? in
            guard !state.isCancelled else { return nil }
            state.isCancelled = true
            return state.call
        }
        guard let call else { return }
        place.cancel(call, reason: .cancelled)
        stopOperations()
    }

    /// Ends the call when its active time is over. Time spent waiting for children, timers and people is free.
    func checkDeadline(now: ContinuousClock.Instant) {
        let limit = Duration.seconds(task.timeoutSeconds ?? core.settings.defaultTimeoutSeconds)
        let call = state.withLock { state -> CallID? in
            guard let since = state.activeSince, state.openWaits == 0, !state.isExpired,
                state.activeBefore + since.duration(to: now) > limit
            else { return nil }
            state.isExpired = true
            return state.call
        }
        guard let call else { return }
        place.cancel(call, reason: .deadline)
        stopOperations()
    }

    /// The host closes: nothing more is written; the run goes on at the next start.
    func abandon() {
        state.withLock { if $0.end == nil { $0.end = .abandoned("the host is closing") } }
        stopOperations()
        inbox.finish()
    }

    @discardableResult
    private func stopOperations() -> [Task<Void, Never>] {
        let work = state.withLock { state in state.operations.values.compactMap(\.work) }
        for task in work { task.cancel() }
        return work
    }

    // MARK: Small things the effects need

    var isCancelled: Bool { state.withLock { $0.isCancelled } }
    var mayHaveChildren: Bool { state.withLock { $0.mayHaveChildren } }
    func noteChild() { state.withLock { $0.mayHaveChildren = true } }

    var isExpired: Bool { state.withLock { $0.isExpired } }
    var isWaiting: Bool { state.withLock { $0.openWaits > 0 } }

    func chunkGate(of operation: OperationID) -> ChunkGate? { state.withLock { $0.operations[operation]?.chunks } }

    /// Brackets a wait for something outside: the deadline's clock stands still and the slot is free.
    func waiting<Value>(_ reason: String, _ body: () async -> Value) async -> Value {
        beginWait()
        notify(.waiting(reason))
        core.pokeScheduler()
        let value = await body()
        endWait()
        return value
    }

    func beginWait() {
        state.withLock { state in
            state.openWaits += 1
            if state.openWaits == 1, let since = state.activeSince {
                state.activeBefore += since.duration(to: .now)
            }
        }
    }

    func endWait() {
        state.withLock { state in
            state.openWaits -= 1
            if state.openWaits == 0 { state.activeSince = .now }
        }
    }

    func deliver(_ event: OperationEvent, to operation: OperationID) {
        guard let call = state.withLock({ $0.call }) else { return }
        place.deliver(event, to: operation, of: call)
    }

    func notify(_ kind: RunNotice.Kind) {
        guard core.notices.isWatched else { return }
        core.notices.post(
            RunNotice(
                at: core.clock(), run: run.id, root: run.root, parent: run.parent, task: run.task, kind: kind))
    }
}
