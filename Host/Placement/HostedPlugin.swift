import CLane
import Kernel
import Synchronization

/// A placed plugin over whichever link carries its frames. Holds what must outlive a process: instances with their
/// configurations, open calls, and when the next process may start.
///
/// All decisions are made under one lock; frames are sent under it (sending never blocks), sinks are called outside.
final class HostedPlugin: PlacedPlugin {
    enum Phase { case down, starting, up, closed }

    struct Instance {
        let configuration: [UInt8]
        var waiter: CheckedContinuation<Result<InstanceID, PlacementError>, Never>?
        var waitsUntil: UInt64
    }

    struct State {
        var phase = Phase.down
        var link: (any LaneLink)?
        var generation = 0
        var startedAt: UInt64 = 0
        var notBefore: UInt64 = 0
        var lossesInARow = 0
        /// Why this host ended the process itself.
        var intendedEnd: PluginLoss.Cause?
        /// The calls for whose sake it did.
        var overdue: Set<CallID> = []
        var instances = InstanceTable()
        var leaving: [InstanceID: CheckedContinuation<Void, Never>] = [:]
        var calls = CallTable()
        /// Tasks that came while no process was up.
        var backlog: [(call: CallID, frame: [UInt8])] = []
        var backlogBytes = 0
        var questions = QuestionTable()
        var startWaiters: [CheckedContinuation<Result<Void, PlacementError>, Never>] = []
        var closeWaiters: [CheckedContinuation<Void, Never>] = []
        /// When a plugin that was told to go is ended.
        var closeBy: UInt64 = .max
        var lastHeard: UInt64 = 0
        var ping: Ping?
        var flood = FloodGate()
        var misbehaviours = 0
        var lastLoss: String?
        var isolation: SandboxReport?
        var crashes = 0
    }

    let descriptor: PluginDescriptor
    let kind: PlacementKind
    let settings: PlacementSettings
    let launcher: any LaneLauncher
    let supervisor: Supervisor
    let state = Mutex(State())

    init(
        descriptor: PluginDescriptor, kind: PlacementKind, launcher: any LaneLauncher, settings: PlacementSettings,
        supervisor: Supervisor
    ) {
        self.descriptor = descriptor
        self.kind = kind
        self.launcher = launcher
        self.settings = settings
        self.supervisor = supervisor
    }

    /// Starts the plugin for the first time and waits until it is ready.
    func start() async throws(PlacementError) {
        let result: Result<Void, PlacementError> = await withCheckedContinuation { waiter in
            state.withLock { $0.startWaiters.append(waiter) }
            supervisor.request(self, at: 0)
        }
        try result.get()
    }

    // MARK: Instances

    func createInstance(configuration: [UInt8]) async throws(PlacementError) -> InstanceID {
        let result: Result<InstanceID, PlacementError> = await withCheckedContinuation { waiter in
            let now = Monotonic.milliseconds()
            let refusal: PlacementError? = state.withLock { state in
                guard state.phase != .closed else { return PlacementError(.instanceGone, "the plugin was shut down") }
                let until = now + settings.startMilliseconds
                let instance = Instance(configuration: configuration, waiter: waiter, waitsUntil: until)
                guard let id = state.instances.add(instance),
                    let frame = FrameEncoding.create(id, configuration: configuration)
                else { return PlacementError(.createFailed, "no room for another agent") }
                if state.phase == .up { _ = state.link?.send(frame, essential: true) }
                return nil
            }
            if let refusal { return waiter.resume(returning: .failure(refusal)) }
            supervisor.request(self, at: now)
        }
        return try result.get()
    }

    func destroyInstance(_ instance: InstanceID) async {
        await withCheckedContinuation { waiter in
            let (waits, refused) = state.withLock { state -> (Bool, [CallTable.Call]) in
                guard state.instances.remove(instance) != nil else { return (false, []) }
                if state.phase == .up, let frame = FrameEncoding.destroy(instance) {
                    // The lane ends the calls, and says so before it says that the instance is gone.
                    state.leaving[instance] = waiter
                    _ = state.link?.send(frame, essential: true)
                    return (true, [])
                }
                return (false, state.calls.closeAll { $0.instance == instance })
            }
            supervisor.request(self, at: Monotonic.milliseconds() + settings.graceMilliseconds)
            for call in refused {
                call.sink(.completed(.failure(Failure(.cancelled, "the agent was removed"))))
            }
            if !waits { waiter.resume() }
        }
    }

    // MARK: Calls

    func begin(_ start: TaskStart, on instance: InstanceID, sink: @escaping CallSink) -> CallID {
        let now = Monotonic.milliseconds()
        let deadline = start.timeoutMilliseconds.map { now.addingReportingOverflow($0) }
            .flatMap { $0.overflow ? nil : $0.partialValue }
        let (id, failure, tickAt) = state.withLock { state -> (CallID, Failure?, UInt64?) in
            if let failure = refusal(&state, instance) { return (state.calls.refusedID(), failure, nil) }
            guard let id = state.calls.open(instance: instance, run: start.runID, sink: sink, deadline: deadline) else {
                return (state.calls.refusedID(), Failure(.busy, "\(CallTable.capacity) tasks are open"), nil)
            }
            if state.calls.count == 1 { state.lastHeard = now }
            if let failure = pass(start, id, instance, &state) {
                _ = state.calls.close(id)
                return (id, failure, nil)
            }
            let first = state.phase == .down ? state.notBefore : deadline
            let silence = now + settings.pingMilliseconds
            return (id, nil, min(first ?? silence, silence))
        }
        if let tickAt { supervisor.request(self, at: tickAt) }
        if let failure { supervisor.post { sink(.completed(.failure(failure))) } }
        return id
    }

    private func refusal(_ state: inout State, _ instance: InstanceID) -> Failure? {
        if state.phase == .closed { return Failure(.busy, "the plugin is shut down") }
        if state.instances[instance] == nil { return Failure(.notFound, "there is no agent \(instance.value)") }
        return nil
    }

    /// Sends BEGIN, or keeps it until a process is up.
    private func pass(_ start: TaskStart, _ id: CallID, _ instance: InstanceID, _ state: inout State) -> Failure? {
        guard let frame = FrameEncoding.begin(start, call: id, instance: instance) else {
            return Failure(.tooLarge, "the input is larger than \(LANE_MAX_BODY_BYTES) bytes")
        }
        let busy = Failure(.busy, "too much waits for the plugin \(descriptor.id)")
        if state.phase == .up, let link = state.link {
            return link.send(frame, essential: false) ? nil : busy
        }
        guard state.backlogBytes + frame.count <= settings.queueBytes else { return busy }
        state.backlog.append((id, frame))
        state.backlogBytes += frame.count
        return nil
    }

    func deliver(_ event: OperationEvent, to operation: OperationID, of call: CallID) {
        let frame =
            FrameEncoding.event(event, operation: operation, call: call)
            ?? FrameEncoding.event(
                .failed(Failure(.tooLarge, "the answer is larger than a message may be"), value: 0, replayed: false),
                operation: operation, call: call)
        guard let frame else { return }
        state.withLock { state in
            guard let open = state.calls[call], open.operations.contains(operation.value) else { return }
            if !event.isChunk { _ = state.calls.endOperation(operation, of: call) }
            if let link = state.link, !link.send(frame, essential: true) {
                end(&state, .garbage("did not read what it asked for"))
            }
        }
    }

    func cancel(_ call: CallID, reason: Status) {
        let forcedAt = Monotonic.milliseconds() + settings.graceMilliseconds
        let ended: CallTable.Call? = state.withLock { state in
            guard state.calls[call] != nil else { return nil }
            if state.phase != .up { return state.calls.close(call) }
            askToEnd(&state, call, reason: reason, forcedAt: forcedAt)
            return nil
        }
        supervisor.request(self, at: forcedAt)
        if let ended {
            supervisor.post { ended.sink(.completed(.failure(Failure(reason, "cancelled before it began")))) }
        }
    }

    func askToEnd(_ state: inout State, _ call: CallID, reason: Status, forcedAt: UInt64) {
        state.calls.force(call, at: forcedAt)
        if let frame = FrameEncoding.cancel(call, reason: reason) { _ = state.link?.send(frame, essential: true) }
    }

    /// Ends the process. What follows comes by ``linkEnded(_:cause:)``.
    func end(_ state: inout State, _ cause: PluginLoss.Cause) {
        guard let link = state.link, link.kill(cause) else { return }
        if state.intendedEnd == nil { state.intendedEnd = cause }
    }

    // MARK: Statistics and shutdown

    func statistics() -> PlacementStatistics {
        let (process, counts) = state.withLock { state in
            (
                state.phase == .up ? state.link?.processID : nil,
                PlacementStatistics(
                    generation: max(state.generation, 1), restarts: max(state.generation - 1, 0),
                    instances: state.instances.count, openCalls: state.calls.count,
                    misbehaviours: state.misbehaviours, lastLoss: state.lastLoss, isolation: state.isolation,
                    crashes: state.crashes, companions: state.link?.companions ?? [])
            )
        }
        var statistics = counts
        guard let process else { return statistics }
        statistics.processID = process
        statistics.residentBytes = ProcessFiles.residentBytes(of: process)
        statistics.proportionalBytes = ProcessFiles.proportionalBytes(of: process)
        statistics.cpuMilliseconds = ProcessFiles.cpuMilliseconds(of: process)
        statistics.peakResidentBytes = ProcessFiles.peakResidentBytes(of: process)
        return statistics
    }

    func shutdown() async {
        let closeBy = Monotonic.milliseconds() + settings.graceMilliseconds
        await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
            let (lost, waits) = state.withLock { state -> (LostParts, Bool) in
                let parts = LostParts(taking: &state)
                guard state.phase != .closed || state.link != nil else { return (parts, false) }
                state.phase = .closed
                guard let link = state.link else { return (parts, false) }
                for id in state.instances.ids {
                    if let frame = FrameEncoding.destroy(id) { _ = link.send(frame, essential: true) }
                }
                link.finish()
                state.closeBy = closeBy
                state.closeWaiters.append(waiter)
                return (parts, true)
            }
            lost.report(loss(.closed), .nobody)
            if !waits { return waiter.resume() }
            supervisor.request(self, at: closeBy)
        }
        supervisor.forget(self)
    }

    func loss(_ cause: PluginLoss.Cause) -> PluginLoss {
        let generation = state.withLock { max($0.generation, 1) }
        return PluginLoss(
            plugin: descriptor.id, version: descriptor.version, generation: generation, cause: cause)
    }
}

extension OperationEvent {
    var isChunk: Bool { if case .chunk = self { true } else { false } }
}
