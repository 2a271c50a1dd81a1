import Dispatch
import Egress
import Gateway
import Kernel
import Synchronization

/// One attempt: performed, or read from the spool of one that was performed before. What the host gets is always what
/// the spool has, in its order.
final class Exchange: Sendable {
    struct Surroundings: Sendable {
        let socket: FrameSocket
        let folder: SpoolFolder
        let client: CurlClient
        let underway: DispatchGroup
    }

    private struct State: Sendable {
        var file: SpoolFile?
        /// Up to here the host has it.
        var offset = 0
        var end = 0
        /// Another process holds the lock: only reading.
        var isTail = false
        var hasHead = false
        var hasEnded = false
        /// libcurl's number for it.
        var transfer: UInt64?
        var promise: SpoolFolder.Promise?
        var spoolFailure: Failure?
    }

    private let id: UInt64
    private let attempt: String
    private let request: OutgoingRequest
    private let digest: Digest
    private let surroundings: Surroundings
    private let onEnd: @Sendable (SpoolFile?) -> Void
    private let state = Mutex(State())

    init(
        id: UInt64, attempt: String, request: OutgoingRequest, surroundings: Surroundings,
        onEnd: @escaping @Sendable (SpoolFile?) -> Void
    ) {
        self.id = id
        self.attempt = attempt
        self.request = request
        self.surroundings = surroundings
        self.onEnd = onEnd
        digest = RequestCoding.digest(request)
    }

    var isTail: Bool { state.withLock { $0.isTail && !$0.hasEnded } }

    // MARK: Beginning

    func begin() {
        do {
            while true {
                guard let file = try surroundings.folder.open(attempt, creating: true) else { continue }
                state.withLock { $0.file = file }
                guard file.lock() else {
                    state.withLock { $0.isTail = true }
                    return pump()
                }
                // Forgotten between opening and locking: it is another file now.
                guard file.isNamed else { continue }
                return try takeUp(file)
            }
        } catch {
            // What a process before this one may have sent stays that, whatever stands in the way of knowing it.
            if request.mayBeSent { lose(error.message) } else { refuse(error, wasSent: false) }
        }
    }

    /// With the lock: nobody else sends this attempt.
    private func takeUp(_ file: SpoolFile) throws(Failure) {
        let standing = file.standing()
        if let known = standing.request, known != digest { return conflict(wasSent: standing.isSent) }
        if standing.isSent {
            if !standing.hasEnded {
                let end = TransferEnd(
                    outcome: .lost("the egress process ended while it waited for the answer"),
                    head: standing.head ?? ResponseHead(status: 0, contentType: ""), wasSent: true)
                guard (try? file.append(.ended(end))) != nil else { return conclude(end) }
            }
            return pump()
        }
        let promise: SpoolFolder.Promise
        do throws(Failure) {
            promise = try surroundings.folder.promise(responseBytes: request.maximumResponseBytes)
        } catch {
            surroundings.folder.remove(attempt)
            return refuse(error, wasSent: false)
        }
        state.withLock { $0.promise = promise }
        if standing.request == nil {
            try file.append(.opened(attempt: attempt, request: digest, label: request.label))
        }
        // The file stands and is locked before the host is seen to live: a next host, which cannot start before this
        // one is gone, then finds it. Where the host is gone already, nothing is sent that nobody waits for.
        guard surroundings.socket.isConnected else {
            surroundings.folder.remove(attempt)
            return refuse(Failure(.cancelled, "the host is gone"), wasSent: false)
        }
        state.withLock { state in
            state.end = file.byteCount
            state.offset = state.end
        }
        perform()
    }

    private func perform() {
        let transfer = surroundings.client.newID()
        state.withLock { $0.transfer = transfer }
        surroundings.underway.enter()
        surroundings.client.start(
            request, as: transfer, onSending: { [self] in keep(.sending) },
            onBytes: { [self] head, bytes in receive(head, bytes) },
            onEnd: { [self] end in
                finish(end)
                surroundings.underway.leave()
            })
    }

    // MARK: What libcurl says, on its thread

    private func receive(_ head: ResponseHead, _ bytes: [UInt8]) -> Bool {
        let isFirst = state.withLock { state in
            defer { state.hasHead = true }
            return !state.hasHead
        }
        return (!isFirst || keep(.head(head))) && keep(.piece(bytes))
    }

    private func finish(_ end: TransferEnd) {
        var end = end
        if let failure = state.withLock({ $0.spoolFailure }) { end.outcome = .failed(failure.message) }
        if !end.wasSent { return abandon(end) }
        if !keep(.ended(end)) { conclude(end) }
    }

    /// Nothing left this machine: no record is needed, and the next attempt of this name may be sent.
    private func abandon(_ end: TransferEnd) {
        surroundings.folder.remove(attempt)
        conclude(end)
    }

    /// Into the spool, and on to the host. False when the spool takes no more.
    private func keep(_ record: ExchangeRecord) -> Bool {
        let isKept = state.withLock { state in
            guard let file = state.file else { return false }
            do throws(Failure) {
                let start = state.end
                state.end = try file.append(record)
                // The host is up to date: it need not be read back.
                if start == state.offset, !surroundings.socket.hasBacklog {
                    state.offset = state.end
                    forward(record, &state)
                }
                return true
            } catch {
                state.spoolFailure = error
                return false
            }
        }
        if isKept { closeIfEnded() }
        return isKept
    }

    // MARK: To the host

    /// Sends what the spool has and the host has not, as far as the socket takes it.
    func pump() {
        state.withLock { state in
            while !state.hasEnded, !surroundings.socket.hasBacklog, let file = state.file,
                let (record, next) = file.record(at: state.offset)
            {
                state.offset = next
                forward(record, &state)
            }
            state.end = max(state.end, state.offset)
        }
        closeIfEnded()
    }

    private func forward(_ record: ExchangeRecord, _ state: inout State) {
        switch record {
        case .opened(_, let known, _):
            guard known != digest else { return }
            send(.ended(Self.conflictEnd(attempt, wasSent: true)))
            state.hasEnded = true
        case .sending: break
        case .head, .piece: send(record)
        case .ended:
            send(record)
            state.hasEnded = true
        }
    }

    /// For a record that another process writes: it may have gone on, or be gone.
    func watch() {
        guard let file = state.withLock({ $0.file }) else { return }
        guard file.lock() else { return pump() }
        state.withLock { $0.isTail = false }
        guard file.isNamed else { return lose("its answer was forgotten meanwhile") }
        do throws(Failure) {
            try takeUp(file)
        } catch {
            lose(error.message)
        }
    }

    func cancel() {
        let (transfer, isTail) = state.withLock { ($0.transfer, $0.isTail) }
        if let transfer {
            surroundings.client.cancel(transfer)
        } else if isTail {
            // It goes on where it is.
            conclude(TransferEnd(outcome: .cancelled, head: ResponseHead(status: 0, contentType: ""), wasSent: true))
        }
    }

    func refuse(_ failure: Failure, wasSent: Bool) {
        conclude(
            TransferEnd(outcome: .refused(failure), head: ResponseHead(status: 0, contentType: ""), wasSent: wasSent))
    }

    private func lose(_ reason: String) {
        conclude(
            TransferEnd(outcome: .lost(reason), head: ResponseHead(status: 0, contentType: ""), wasSent: true))
    }

    private func conflict(wasSent: Bool) { conclude(Self.conflictEnd(attempt, wasSent: wasSent)) }

    private static func conflictEnd(_ attempt: String, wasSent: Bool) -> TransferEnd {
        TransferEnd(
            outcome: .refused(Failure(.conflict, "attempt \(attempt) stands for another request; it is not sent")),
            head: ResponseHead(status: 0, contentType: ""), wasSent: wasSent)
    }

    /// An end that the spool does not have.
    private func conclude(_ end: TransferEnd) {
        let isFirst = state.withLock { state in
            guard !state.hasEnded else { return false }
            state.hasEnded = true
            send(.ended(end))
            return true
        }
        if isFirst { close(keeping: false) }
    }

    private func closeIfEnded() {
        let isOver = state.withLock { $0.hasEnded && $0.file != nil }
        if isOver { close(keeping: true) }
    }

    /// Lets the file go, and with it its lock.
    private func close(keeping: Bool) {
        let (file, promise, wasSent) = state.withLock { state in
            defer { (state.file, state.promise) = (nil, nil) }
            return (state.file, state.promise, state.transfer != nil)
        }
        if let promise { surroundings.folder.settle(promise, attempt) }
        onEnd(keeping && wasSent ? file : nil)
    }

    private func send(_ record: ExchangeRecord) {
        surroundings.socket.send(EgressFrame.record(exchange: id, record).encoded)
    }
}
