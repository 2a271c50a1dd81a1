import Engine
import Journal
import Kernel
import Logging
import NIOCore
import Synchronization

/// Everything that all sockets share: who may have how many, and the one task that reads what was committed and gives
/// it to the shards.
final class SocketHub: Sendable {
    private struct State {
        var shards: [ObjectIdentifier: (loop: any EventLoop, shard: NIOLoopBound<SocketShard>)] = [:]
        var count = 0
        var byCaller: [String: Int] = [:]
        /// Where the fan-out begins that has slept while nobody listened.
        var resumeAfter: Int64?
        var partialListeners = 0
        var metricListeners = 0
        var authenticationFailures: Int64 = 0
        var refused: Int64 = 0
        var position: Int64 = 0
    }

    let runtime: HostRuntime
    let limits: SocketLimits
    let authenticator: any Authenticating
    let reader: EventReader
    private let logger: Logger
    private let state = Mutex(State())
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let catchUps: AsyncStream<CatchUp>
    private let catchUp: AsyncStream<CatchUp>.Continuation

    init(runtime: HostRuntime, limits: SocketLimits, authenticator: any Authenticating, logger: Logger) {
        self.runtime = runtime
        self.limits = limits
        self.authenticator = authenticator
        self.logger = logger
        reader = EventReader(runtime: runtime)
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        // At most one of each socket.
        (catchUps, catchUp) = AsyncStream.makeStream()
    }

    // MARK: Who has how many

    /// - Parameter position: of the log's last event when the socket came: from there on it misses nothing.
    /// - Returns: false: there are too many; else ``leave(_:)`` gives it back.
    func enter(_ caller: Principal?, position: Int64) -> Bool {
        let isIn = state.withLock { state in
            guard state.count < limits.maximumSockets, Self.mayHaveOneMore(caller, &state, limits) else {
                state.refused += 1
                return false
            }
            state.count += 1
            // In one step with the count: a fan-out that sees nobody forgets where to begin.
            state.resumeAfter = min(state.resumeAfter ?? .max, position)
            return true
        }
        if isIn { wake.yield() }
        return isIn
    }

    /// For a socket that was counted while nobody knew whose it is.
    func become(_ caller: Principal) -> Bool {
        state.withLock { Self.mayHaveOneMore(caller, &$0, limits) }
    }

    private static func mayHaveOneMore(_ caller: Principal?, _ state: inout State, _ limits: SocketLimits) -> Bool {
        guard let caller, [.user, .service].contains(caller.kind) else { return true }
        guard state.byCaller[caller.id, default: 0] < limits.maximumByCaller else { return false }
        state.byCaller[caller.id, default: 0] += 1
        return true
    }

    func leave(_ caller: Principal?) {
        state.withLock { state in
            state.count -= 1
            guard let caller, [.user, .service].contains(caller.kind) else { return }
            let rest = state.byCaller[caller.id, default: 1] - 1
            state.byCaller[caller.id] = rest > 0 ? rest : nil
        }
    }

    func noteAuthenticationFailure() { state.withLock { $0.authenticationFailures += 1 } }

    func shard(of loop: any EventLoop) -> NIOLoopBound<SocketShard> {
        loop.preconditionInEventLoop()
        return state.withLock { state in
            if let known = state.shards[ObjectIdentifier(loop)] { return known.shard }
            let shard = NIOLoopBound(SocketShard(), eventLoop: loop)
            state.shards[ObjectIdentifier(loop)] = (loop, shard)
            return shard
        }
    }

    func listeners(partial: Int = 0, metrics: Int = 0) {
        state.withLock { state in
            state.partialListeners += partial
            state.metricListeners += metrics
        }
    }

    var needsOwners: Bool { state.withLock { $0.partialListeners > 0 } }
    var hasMetricListeners: Bool { state.withLock { $0.metricListeners > 0 } }

    // MARK: Fan-out

    /// Until it is cancelled.
    func run() async {
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { [self] in
                for await _ in runtime.eventsCommitted() { wake.yield() }
            }
            tasks.addTask { [self] in await fanOut() }
            for _ in 0..<Self.catchUpWorkers {
                tasks.addTask { [self] in
                    for await job in catchUps { await go(on: job) }
                }
            }
            tasks.addTask { [self] in await SystemSampler(runtime: runtime).run(for: self) }
        }
    }

    private func fanOut() async {
        var position: Int64?
        for await _ in wakes {
            let (isIdle, resumeAfter) = state.withLock { state in
                if state.count == 0 { state.resumeAfter = nil }
                return (state.count == 0, state.resumeAfter)
            }
            guard !isIdle else {
                position = nil
                continue
            }
            guard var next = position ?? resumeAfter else { continue }
            while await deliver(after: &next) {}
            position = next
        }
    }

    /// - Returns: whether there may be more.
    private func deliver(after position: inout Int64) async -> Bool {
        let events: [SocketEvent]
        do {
            events = try await reader.events(after: position, withOwners: needsOwners)
        } catch {
            logger.error("events cannot be read for sockets", metadata: ["error": "\(error)"])
            return false
        }
        guard let last = events.last else { return false }
        position = last.position
        state.withLock { $0.position = last.position }
        let now = SystemClock.now()
        for (loop, shard) in shards { loop.execute { shard.value.deliver(events, now: now) } }
        return events.count == EventReader.batch
    }

    func publish(_ metrics: [(name: String, value: JSONValue)]) {
        let now = SystemClock.now()
        let frames = metrics.map { ($0.name, SocketFrame.text(SocketMessage.metric($0.name, at: now, $0.value))) }
        for (loop, shard) in shards {
            loop.execute {
                for (name, frame) in frames { shard.value.publish(metric: name, frame) }
            }
        }
    }

    private var shards: [(loop: any EventLoop, shard: NIOLoopBound<SocketShard>)] {
        state.withLock { Array($0.shards.values) }
    }

    // MARK: Catching up

    private static let catchUpWorkers = 4

    /// Subscriptions that first get what was committed after a position, a batch at a time and in turn with others'.
    struct CatchUp: Sendable {
        let loop: any EventLoop
        let socket: NIOLoopBound<SocketHandler>
        let needsOwners: Bool
        var position: Int64
    }

    func begin(_ job: CatchUp) { catchUp.yield(job) }

    private func go(on job: CatchUp) async {
        do {
            let events = try await reader.events(after: job.position, withOwners: job.needsOwners)
            let last = events.last?.position ?? job.position
            job.loop.execute { job.socket.value.caughtUp(with: events, to: last, job) }
        } catch {
            job.loop.execute { job.socket.value.fail(.tryLater, "the event log cannot be read") }
        }
    }

    // MARK: Numbers

    struct Snapshot: Sendable {
        var shards: [SocketShard.Statistics]
        var callers: Int
        var authenticationFailures: Int64
        var refused: Int64
        var position: Int64
    }

    func snapshot() async -> Snapshot {
        var statistics: [SocketShard.Statistics] = []
        for (loop, shard) in shards {
            let one = try? await loop.submit {
                var statistics = shard.value.statistics
                statistics.sockets = shard.value.sockets.count
                return statistics
            }.get()
            if let one { statistics.append(one) }
        }
        return state.withLock { [statistics] state in
            Snapshot(
                shards: statistics, callers: state.byCaller.count,
                authenticationFailures: state.authenticationFailures, refused: state.refused,
                position: state.position)
        }
    }
}
