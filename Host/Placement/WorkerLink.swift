import CLane
import Synchronization

/// A worker process at the other end of a ring.
///
/// It may be started before it is known for which plugins: ``adopt(_:limits:for:)`` tells. Until then the pool is its
/// owner.
final class WorkerLink: LaneLink {
    private struct State {
        var owner: any LaneOwner
        /// A lane each. Empty: not known yet.
        var files: [SealedFile] = []
        var limits = WorkerLimits()
        var process: WorkerProcess?
        var isolation: SandboxReport?
        var queue: [ArraySlice<UInt8>] = []
        var bytes = 0
        var violation: ProtocolViolation?
        var isFinished = false
        var isKilled = false
        /// The process has ended; what is left in the ring is the last.
        var hasEnded = false
        var isDead = false

        var isAlive: Bool { !isDead && !isKilled && process?.hasEnded != true }
    }

    /// Past `queueBytes` by this factor the worker has stopped reading what belongs to open calls.
    private static let hardFactor = 4
    /// From the end of the stream to the end of the process: a crash report takes a while on a busy machine.
    private static let endMilliseconds: Int32 = 2_000

    private let settings: PlacementSettings
    private let supervisor: Supervisor
    private let state: Mutex<State>
    /// The state holds something for the reader beside what is in the ring.
    private let attention = Atomic(false)
    /// Tasks that went out and did not come back: while there are some, an answer may be near.
    private let openTasks = Atomic(0)

    init(
        settings: PlacementSettings, supervisor: Supervisor, owner: any LaneOwner, files: [SealedFile] = [],
        limits: WorkerLimits = WorkerLimits()
    ) {
        self.settings = settings
        self.supervisor = supervisor
        state = Mutex(State(owner: owner, files: files, limits: limits))
    }

    var processID: Int32? { state.withLock { $0.isDead ? nil : $0.process?.processID } }

    /// Gives the worker its plugins and this link its owner, who hears of everything from now on.
    /// - Returns: false when the worker has ended; its old owner hears of that.
    func adopt(_ files: [SealedFile], limits: WorkerLimits, for owner: any LaneOwner) -> Bool {
        let (isAlive, process, isolation) = state.withLock { state in
            // Before its start it is not greeted yet: the reader's thread will.
            if state.isAlive, state.process == nil {
                (state.owner, state.files, state.limits) = (owner, files, limits)
            }
            return (state.isAlive, state.process, state.isolation)
        }
        guard isAlive, let process, let isolation else { return isAlive }
        owner.confined(isolation, processID: process.processID)
        return state.withLock { state in
            guard state.isAlive else { return false }
            (state.owner, state.files, state.limits) = (owner, files, limits)
            greet(state)
            return true
        }
    }

    private func greet(_ state: State) {
        guard let process = state.process, let first = state.files.first else { return }
        let hello = FrameEncoding.hello(settings: settings, load: first.load, limits: state.limits) ?? []
        process.sendFirst(hello, files: state.files.map(\.descriptor))
    }

    // MARK: Sending

    func send(_ frame: [UInt8], essential: Bool) -> Bool {
        state.withLock { state in
            if state.isDead || state.isFinished || state.violation != nil { return true }
            var rest = frame[...]
            if state.bytes == 0, let process = state.process { rest = write(rest, to: process, &state) }
            if !rest.isEmpty {
                let limit = essential ? settings.queueBytes * Self.hardFactor : settings.queueBytes
                // A frame that has begun to go out must go out whole.
                guard rest.count < frame.count || state.bytes + rest.count <= limit else { return false }
                state.queue.append(rest)
                state.bytes += rest.count
                attention.store(true, ordering: .releasing)
            }
            if frame[FrameWriter.kindOffset] == UInt8(LANE_BEGIN) { openTasks.add(1, ordering: .relaxed) }
            return true
        }
    }

    /// - Returns: what did not fit. A broken ring takes everything: the reader reports it.
    private func write(
        _ bytes: ArraySlice<UInt8>, to process: WorkerProcess, _ state: inout State
    ) -> ArraySlice<UInt8> {
        if let rest = process.write(bytes) { return rest }
        state.violation = ProtocolViolation("an impossible index in its ring")
        attention.store(true, ordering: .releasing)
        process.closeSocket()
        return []
    }

    /// Passes on what waits, now that the worker has read; on the reader's thread.
    private func flush(_ state: inout State) {
        guard let process = state.process else { return }
        var done = 0
        while done < state.queue.count {
            let rest = write(state.queue[done], to: process, &state)
            state.bytes -= state.queue[done].count - rest.count
            state.queue[done] = rest
            guard rest.isEmpty else { break }
            done += 1
        }
        state.queue.removeFirst(done)
        attention.store(!state.queue.isEmpty || state.violation != nil || state.hasEnded, ordering: .relaxed)
        if state.queue.isEmpty, state.isFinished { process.closeSending() }
    }

    func kill(_ reason: PluginLoss.Cause) -> Bool {
        state.withLock { state in
            state.isKilled = true
            if !state.isDead { state.process?.kill() }
        }
        return true
    }

    func finish() {
        state.withLock { state in
            state.isFinished = true
            if state.bytes == 0 { state.process?.closeSending() }
        }
    }

    func abandon(_ call: CallID) {}

    func crashPage() -> CrashPage? { state.withLock { $0.process }?.crashPage() }

    var files: [SealedFile] { state.withLock { $0.files } }

    // MARK: The reader's thread

    /// Starts the worker and stays until its end.
    func run(workerPath: String) {
        let process: WorkerProcess
        do throws(ConfinementError) {
            process = try start(workerPath)
        } catch {
            return ended(error.cause)
        }
        let printer = PrintedLines(descriptor: process.printed) { [self] in owner.printed($0) }
        // Both watches hold the process, so that its descriptors stay its own while they may be used.
        let outputWatch = supervisor.watch(process.printed) { withExtendedLifetime(process) { printer.read() } }
        let endWatch = supervisor.watch(process.endDescriptor) { [self] in
            // A child of the plugin may hold the socket open, and write into the ring, after the worker's end.
            noteEnd()
            process.closeSocket()
            return false
        }
        let violation = readFrames(process)
        let cause = end(process, violation)
        supervisor.unwatch(endWatch)
        supervisor.unwatch(outputWatch)
        printer.finish()
        ended(cause)
    }

    private var owner: any LaneOwner { state.withLock { $0.owner } }

    private func ended(_ cause: PluginLoss.Cause) {
        let owner = state.withLock { state in
            state.isDead = true
            return state.owner
        }
        owner.linkEnded(self, cause: cause)
    }

    /// Starts the process, and catches up on what was asked for before it was there.
    private func start(_ workerPath: String) throws(ConfinementError) -> WorkerProcess {
        let (process, isolation) = try WorkerProcess.start(workerPath, settings)
        // Whoever adopts it from now on greets it; who did so before is its owner already.
        let (owner, isAdopted) = state.withLock { state in
            (state.process, state.isolation) = (process, isolation)
            if state.isKilled { process.kill() }
            return (state.owner, !state.files.isEmpty)
        }
        owner.confined(isolation, processID: process.processID)
        state.withLock { state in
            if isAdopted { greet(state) }
            flush(&state)
        }
        return process
    }

    /// Until the end of the stream, or the first frame that breaks the protocol.
    private func readFrames(_ process: WorkerProcess) -> ProtocolViolation? {
        var buffer = FrameBuffer()
        do throws(ProtocolViolation) {
            while try goesOn() {
                if try receive(&buffer, from: process, atMost: Int(LANE_RING_BYTES)) > 0 { continue }
                switch process.wait(spins: openTasks.load(ordering: .relaxed) > 0) {
                case .ready: continue
                case .ended: noteEnd()
                case .broken: throw ProtocolViolation("something on its socket that is not a bell")
                }
            }
            // No more than the ring held at the end: someone may still be writing.
            var left = Int(LANE_RING_BYTES)
            while left > 0 {
                let count = try receive(&buffer, from: process, atMost: left)
                if count == 0 { break }
                left -= count
            }
        } catch {
            return error
        }
        return nil
    }

    /// Looks after what is not in the ring. False when nothing more can come.
    private func goesOn() throws(ProtocolViolation) -> Bool {
        guard attention.load(ordering: .acquiring) else { return true }
        let (hasEnded, violation) = state.withLock { state in
            flush(&state)
            return (state.hasEnded, state.violation)
        }
        if let violation { throw violation }
        return !hasEnded
    }

    private func noteEnd() {
        state.withLock { $0.hasEnded = true }
        attention.store(true, ordering: .releasing)
    }

    private func receive(
        _ buffer: inout FrameBuffer, from process: WorkerProcess, atMost limit: Int
    ) throws(ProtocolViolation) -> Int {
        let count = try buffer.receive(from: process, atMost: limit)
        guard count > 0 else { return 0 }
        let (owner, lanes) = state.withLock { ($0.owner, max(1, $0.files.count)) }
        while let frame = try buffer.next(lanes: lanes) {
            if Int(frame.header.kind) == LANE_COMPLETE { openTasks.subtract(1, ordering: .relaxed) }
            try owner.receive(frame.header, frame.body, from: self)
        }
        return count
    }

    /// Makes sure that the process has ended, and says how.
    private func end(_ process: WorkerProcess, _ violation: ProtocolViolation?) -> PluginLoss.Cause {
        if violation != nil { process.kill() }
        var end = process.reap(milliseconds: violation == nil ? 200 : -1)
        var closedItself = false
        if end == nil {
            end = process.reap(milliseconds: Self.endMilliseconds)
            closedItself = (end?.signal ?? -1) < 0
            if end == nil {
                process.kill()
                end = process.reap(milliseconds: -1)
            }
        }
        process.closeSocket()
        if let violation { return .garbage(violation.reason) }
        if closedItself { return .garbage("closed its connection and kept running") }
        guard let end else { return .exit(-1) }
        if end.exitCode == LANE_WORKER_EXIT_BROKEN { return .garbage("lost its connection") }
        return end.signal >= 0 ? .signal(end.signal) : .exit(end.exitCode)
    }
}
