import Dispatch
package import Gateway
import Glibc
package import Kernel
import Synchronization

/// Sends through the egress process: the sockets, the keys and the answers are there, and an answer outlives this
/// process until ``forget(_:)``.
///
/// The process is started by the first request, and started again when it ends; what was under way is taken up from
/// its spool, without a byte twice. When this host ends, however it ends, the process finishes what it has sent and
/// goes: the spools wait for the next host's process.
package final class EgressClient: HTTPSender {
    private enum Phase: Sendable { case idle, open, detached, closed }

    private struct State: Sendable {
        var phase = Phase.idle
        var jobs = EgressJobs()
        var process: EgressProcess?
        /// It has greeted.
        var isWorking = false
    }

    /// Starts in a row that end before a process is of use.
    private static let maximumFailures = 5
    private static let usefulMilliseconds: Int64 = 10_000
    private static let napMilliseconds: Int32 = 1000
    /// Beyond a request's own limit.
    private static let hangMilliseconds: Int64 = 15_000

    private let settings: EgressSettings
    private let folder: SpoolFolder
    private let state = Mutex(State())
    private let isNeeded = DispatchSemaphore(value: 0)

    /// Makes the spool's folder, so that it knows of every attempt from now on.
    package init(_ settings: EgressSettings) throws(Failure) {
        self.settings = settings
        folder = try SpoolFolder(path: settings.folder, limits: settings.spool, now: WallClock.now())
    }

    package var keepsAnswers: Bool { true }

    /// Of the process, once there was a request.
    package var processID: Int32? { state.withLock { $0.process?.processID } }

    package func keptAttempts() async -> [String] { SpoolFolder.attempts(in: settings.folder) }

    package func knowsEveryAttempt(since begun: Instant) -> Bool { begun > folder.knownSince }

    /// Read by this process: the spool is all there is to know, and an earlier host's egress process, which may still
    /// write it, has no socket to ask it by.
    package func keptAnswer(of attempt: String) async -> KeptAnswer? {
        await withCheckedContinuation { continuation in
            let isStarted = HostThread.start { [self] in
                continuation.resume(
                    returning: SpoolReader.answer(of: attempt, in: folder) {
                        self.state.withLock { $0.phase == .detached || $0.phase == .closed }
                    })
            }
            if !isStarted { continuation.resume(returning: SpoolReader.answer(of: attempt, in: folder) { true }) }
        }
    }

    /// `onBytes` is called on the client's thread.
    package func send(
        _ request: OutgoingRequest, onBytes: @escaping @Sendable (ResponseHead, [UInt8]) -> Bool
    ) async -> TransferEnd {
        guard request.attempt != nil, request.onlyAddress == nil, request.maximumHeaderBytes == nil else {
            return TransferEnd(
                unsent: .refused(Failure(.unsupported, "the egress process performs named attempts only")))
        }
        guard RequestCoding.canCross(request) else {
            let text = "the egress process reads keys from the environment, files and the key store only"
            return TransferEnd(unsent: .refused(Failure(.unsupported, text)))
        }
        let id = state.withLock { $0.jobs.reserveID() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else {
                    return continuation.resume(returning: TransferEnd(unsent: .cancelled))
                }
                start(request, as: id, onBytes) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    package func forget(_ attempt: String) {
        // Here too: the process may be gone without this side knowing.
        SpoolFolder.remove(attempt, in: settings.folder)
        state.withLock { $0.process }?.socket.send(HostFrame.forget(attempt: attempt).encoded)
    }

    package func detach() { end(as: .detached, .detached) }

    package func close() {
        let process = state.withLock { $0.process }
        for id in state.withLock({ Array($0.jobs.all.keys) }) {
            process?.socket.send(HostFrame.cancel(exchange: id).encoded)
        }
        end(as: .closed, .cancelled)
        process?.socket.shutDown()
        isNeeded.signal()
    }

    // MARK: Requests

    private func start(
        _ request: OutgoingRequest, as id: UInt64, _ onBytes: @escaping @Sendable (ResponseHead, [UInt8]) -> Bool,
        _ onEnd: @escaping @Sendable (TransferEnd) -> Void
    ) {
        let deadline = Monotonic.milliseconds() + Int64(request.timeoutMilliseconds) + Self.hangMilliseconds
        let job = EgressJob(request: request, onBytes: onBytes, onEnd: onEnd, deadline: deadline)
        let (phase, process) = state.withLock { state -> (Phase, EgressProcess?) in
            let phase = state.phase
            guard phase == .idle || phase == .open else { return (phase, nil) }
            state.phase = .open
            state.jobs.add(job, as: id)
            return (phase, state.process)
        }
        switch phase {
        case .detached: return onEnd(TransferEnd(unsent: .detached))
        case .closed: return onEnd(TransferEnd(unsent: .cancelled))
        case .idle where !HostThread.start({ [self] in run() }):
            state.withLock { $0.phase = .idle }
            return endAll { _ in TransferEnd(unsent: .refused(Failure(.io, "no thread for the egress process"))) }
        case .idle, .open: break
        }
        guard let process else {
            isNeeded.signal()
            return
        }
        process.socket.send(HostFrame.start(exchange: id, request).encoded)
        let isCancelled = state.withLock { state in
            state.jobs.notePosted(id, toWorking: state.isWorking)
            return state.jobs.all[id]?.isCancelled == true
        }
        if isCancelled { process.socket.send(HostFrame.cancel(exchange: id).encoded) }
    }

    private func cancel(_ id: UInt64) {
        let process = state.withLock { $0.jobs.cancel(id) ? $0.process : nil }
        process?.socket.send(HostFrame.cancel(exchange: id).encoded)
    }

    private func end(as phase: Phase, _ outcome: TransferEnd.Outcome) {
        state.withLock { if $0.phase != .closed { $0.phase = phase } }
        endAll { job in TransferEnd(outcome: outcome, head: job.head, wasSent: true) }
    }

    private func endAll(_ end: (EgressJob) -> TransferEnd) {
        for job in state.withLock({ $0.jobs.removeAll() }) { job.onEnd(end(job)) }
    }

    // MARK: The thread

    private func run() {
        var failures = 0
        var gone: [Int32] = []
        while true {
            gone.removeAll { EgressProcess.isReaped($0) }
            if state.withLock({ $0.phase == .closed }) { return }
            guard state.withLock({ !$0.jobs.isEmpty }) else {
                _ = isNeeded.wait(timeout: .now() + .milliseconds(Int(Self.napMilliseconds)))
                continue
            }
            let begun = Monotonic.milliseconds()
            let reason = serve(&gone)
            failures = Monotonic.milliseconds() - begun > Self.usefulMilliseconds ? 1 : failures + 1
            if failures > Self.maximumFailures {
                failures = 0
                giveUp(reason)
            } else if failures > 1 {
                usleep(100_000 << UInt32(failures - 2))
            }
        }
    }

    /// One process, from its start to its end. Returns why it ended.
    private func serve(_ gone: inout [Int32]) -> String {
        let process: EgressProcess
        do {
            process = try EgressProcess.start(settings)
        } catch {
            return error.message
        }
        process.socket.send(HostFrame.hello(version: EgressProtocol.version).encoded)
        let jobs = state.withLock { state in
            state.process = state.phase == .closed ? nil : process
            return state.process == nil ? [] : state.jobs.restart()
        }
        for (id, job) in jobs {
            process.socket.send(HostFrame.start(exchange: id, job.request).encoded)
            if job.isCancelled || job.isStopped { process.socket.send(HostFrame.cancel(exchange: id).encoded) }
        }
        var refusal: String?
        let end = process.socket.run(
            FrameSocket.Handlers(
                frame: { content throws(WireError) in
                    switch try EgressFrame(decoding: content) {
                    case .welcome(EgressProtocol.version):
                        self.state.withLock { state in
                            state.isWorking = true
                            state.jobs.noteWorking()
                        }
                    case .welcome(let version): throw WireError("it speaks version \(version) of the protocol")
                    case .unable(let reason): refusal = reason
                    case .record(let id, let record): self.take(record, of: id, process)
                    }
                },
                nap: { [self] in
                    endHang(process)
                    return Self.napMilliseconds
                }))
        state.withLock { state in
            state.process = nil
            state.isWorking = false
        }
        process.socket.shutDown()
        if !EgressProcess.isReaped(process.processID) { gone.append(process.processID) }
        if case .broken(let reason) = end { return "bureau-egress: \(reason)" }
        return refusal ?? "bureau-egress ended"
    }

    private func take(_ record: ExchangeRecord, of id: UInt64, _ process: EgressProcess) {
        switch state.withLock({ $0.jobs.take(record, of: id) }) {
        case .nothing: break
        case .deliver(let head, let bytes, let onBytes):
            guard !onBytes(head, bytes) else { break }
            state.withLock { $0.jobs.stop(id) }
            process.socket.send(HostFrame.cancel(exchange: id).encoded)
        case .end(let end, let onEnd): onEnd(end)
        }
    }

    /// A process that does not end a request within its limits hangs.
    private func endHang(_ process: EgressProcess) {
        let now = Monotonic.milliseconds()
        if state.withLock({ $0.jobs.all.values.contains { $0.deadline < now } }) {
            kill(process.processID, SIGKILL)
            state.withLock { state in state.jobs.extendDeadlines(to: now + Self.hangMilliseconds) }
        }
    }

    /// The process cannot be brought to work: what it may have sent is lost, the rest was not sent.
    private func giveUp(_ reason: String) {
        endAll { job in
            guard job.mayBeSent else { return TransferEnd(unsent: .refused(Failure(.io, reason))) }
            return TransferEnd(outcome: .lost(reason), head: job.head, wasSent: true)
        }
    }
}
