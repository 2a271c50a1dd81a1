import CLane
import Synchronization

/// Starts workers, and keeps a few that are started and confined but do not know their plugin yet: whoever places,
/// restarts or inspects one need not wait for a process.
final class WorkerPool: LaneOwner, Ticking {
    private struct State {
        var warm: [WorkerLink] = []
        var lossesInARow = 0
        var notBefore: UInt64 = 0
        var isClosed = false
    }

    /// A new warm worker waits this long, for the one that was just taken has work to do.
    private static let refillMilliseconds: UInt64 = 10

    private let workerPath: String
    private let settings: PlacementSettings
    private let supervisor: Supervisor
    private let known: KnownIsolation
    private let state = Mutex(State())

    init(workerPath: String, settings: PlacementSettings, supervisor: Supervisor, known: KnownIsolation) {
        self.workerPath = workerPath
        self.settings = settings
        self.supervisor = supervisor
        self.known = known
        if settings.warmWorkers > 0 { supervisor.request(self, at: 0) }
    }

    /// A worker that loads `files`, a lane each: a warm one, or one made now.
    /// - Returns: nil when the system refuses; `owner` hears nothing then.
    func launch(_ files: [SealedFile], limits: WorkerLimits, for owner: any LaneOwner) -> (any LaneLink)? {
        while let warm = takeOldest() {
            supervisor.request(self, at: Monotonic.milliseconds() + Self.refillMilliseconds)
            if warm.adopt(files, limits: limits, for: owner) { return warm }
        }
        let link = WorkerLink(
            settings: settings, supervisor: supervisor, owner: owner, files: files, limits: limits)
        return start(link) ? link : nil
    }

    var processIDs: [Int32] { state.withLock { $0.warm }.compactMap(\.processID) }

    /// Ends the warm workers. Those that were taken are their owners'.
    func close() {
        supervisor.forget(self)
        let warm = state.withLock { state in
            state.isClosed = true
            return state.warm
        }
        for link in warm { _ = link.kill(.closed) }
    }

    private func takeOldest() -> WorkerLink? {
        state.withLock { $0.warm.isEmpty ? nil : $0.warm.removeFirst() }
    }

    /// The thread is the worker's reader, and lives as long as it.
    private func start(_ link: WorkerLink) -> Bool {
        OSThread.start(name: "worker reader") { [workerPath] in link.run(workerPath: workerPath) }
    }

    // MARK: Refilling, on the supervisor's thread

    func tick(at now: UInt64) -> UInt64? {
        while true {
            let (link, next) = state.withLock { state -> (WorkerLink?, UInt64?) in
                guard !state.isClosed, state.warm.count < settings.warmWorkers else { return (nil, nil) }
                guard state.notBefore <= now else { return (nil, state.notBefore) }
                let link = WorkerLink(settings: settings, supervisor: supervisor, owner: self)
                state.warm.append(link)
                return (link, nil)
            }
            guard let link else { return next }
            if !start(link) { lost(link, "no thread for it") }
        }
    }

    // MARK: What warm workers do unasked

    func confined(_ report: SandboxReport, processID: Int32) { known.note(report) }

    func receive(
        _ header: lane_header, _ body: UnsafeRawBufferPointer, from link: any LaneLink
    ) throws(ProtocolViolation) {
        throw ProtocolViolation("sent a frame before it was given a plugin")
    }

    func printed(_ line: String) { settings.log("(warm worker)", .info, line) }

    func linkEnded(_ link: any LaneLink, cause: PluginLoss.Cause) {
        // That will not change: who places a plugin hears of it.
        if case .notConfined = cause { state.withLock { $0.isClosed = true } }
        lost(link, cause.description)
    }

    private func lost(_ link: any LaneLink, _ reason: String) {
        let retryAt: UInt64? = state.withLock { state in
            state.warm.removeAll { $0 === link }
            guard !state.isClosed else { return nil }
            let now = Monotonic.milliseconds()
            // Quiet for as long as a plugin's worker must live to start the row anew.
            if now >= state.notBefore + settings.backoffResetMilliseconds { state.lossesInARow = 0 }
            state.lossesInARow += 1
            state.notBefore = now + settings.backoffMilliseconds(losses: state.lossesInARow)
            return state.notBefore
        }
        guard let retryAt else { return }
        settings.log("(warm worker)", .warning, "a warm worker ended: \(reason)")
        supervisor.request(self, at: retryAt)
    }
}

/// Starts a worker for one plugin, again and again.
struct WorkerLauncher: LaneLauncher {
    let plugin: SealedFile
    let pool: WorkerPool
    var limits = WorkerLimits()

    func launch(for owner: any LaneOwner) -> (any LaneLink)? { pool.launch([plugin], limits: limits, for: owner) }
}
