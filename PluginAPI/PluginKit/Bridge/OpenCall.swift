import CBureau
import FoundationEssentials
import Synchronization

/// One task that the host has begun and that is not completed yet: its open operations and its end.
///
/// Each operation waits under a token in `pending` until its terminal event, the call's end, or, on a host that
/// cannot cancel, the cancellation of the waiting code. Whichever takes it out of `pending` resumes it: once.
package final class OpenCall: Sendable {
    typealias Waiter = UnsafeContinuation<OperationOutcome, Never>

    let services: HostServices
    let handle: bureau_call
    private let state = Mutex(State())

    private struct State {
        var isFinished = false
        var cancelReason: bureau_status?
        var lastToken: UInt64 = 0
        var pending: [UInt64: Pending] = [:]
        var task: Task<Void, Never>?
    }

    private struct Pending {
        var waiter: Waiter?
        var operation: bureau_op = 0
        var isCancelled = false
        var onChunk: (@Sendable (String) -> Void)?
        var chunksUntilGrant = OpenCall.chunkCredit
    }

    /// CHUNK events that a streamed answer may be ahead of us; granted again each time they are used up.
    static let chunkCredit: UInt64 = 64

    /// `BUREAU_MAX_MESSAGE_BYTES`, a macro that Swift does not import.
    private static let maximumResultBytes = 16 * 1024 * 1024

    init(services: HostServices, handle: bureau_call) {
        self.services = services
        self.handle = handle
    }

    // MARK: The task

    /// The task that runs the author's code. A call that has already ended or was cancelled cancels it.
    func attach(_ task: Task<Void, Never>) {
        let isOver = state.withLock { state in
            guard !state.isFinished else { return false }
            state.task = task
            return state.cancelReason != nil
        }
        if isOver { task.cancel() }
    }

    func cancel(reason: bureau_status) {
        let task = state.withLock { state in
            state.cancelReason = state.cancelReason ?? reason
            return state.task
        }
        task?.cancel()
    }

    var isCancelled: Bool {
        let isOver = state.withLock { $0.isFinished || $0.cancelReason != nil }
        return isOver || services.host.pointee.is_cancelled?(services.host, handle) == 1
    }

    var isFinished: Bool { state.withLock { $0.isFinished } }

    /// Ends the call with the host; only the first end counts. Operations that nobody will answer any more fail.
    func finish(_ outcome: Result<Data, TaskFailure>) {
        let ended = state.withLock { state -> (abandoned: [Pending], cancelReason: bureau_status?)? in
            guard !state.isFinished else { return nil }
            state.isFinished = true
            let abandoned = Array(state.pending.values)
            state.pending.removeAll()
            state.task = nil
            return (abandoned, state.cancelReason)
        }
        guard let ended else { return }
        complete(outcome, cancelReason: ended.cancelReason)
        for operation in ended.abandoned {
            operation.waiter?.resume(returning: .failed(.cancelled("the task has ended")))
        }
    }

    private func complete(_ outcome: Result<Data, TaskFailure>, cancelReason: bureau_status?) {
        var failure: TaskFailure
        switch outcome {
        case .success(let data) where data.count <= Self.maximumResultBytes:
            withBorrowed(data) {
                _ = services.host.pointee.complete?(services.host, handle, BUREAU_OK, $0, bureau_str())
            }
            return
        case .success(let data):
            failure = .tooLarge("the output has \(data.count) bytes; put it into an artifact")
        case .failure(let thrown):
            failure = thrown
        }
        if failure.status == .cancelled, let cancelReason { failure.status = FailureStatus(rawValue: cancelReason) }
        let status = failure.status.rawValue < 0 ? failure.status.rawValue : BUREAU_E_INTERNAL
        withBorrowed(failure.message) {
            _ = services.host.pointee.complete?(services.host, handle, status, bureau_buf(), $0)
        }
    }

    // MARK: Operations

    /// Starts one operation and waits for its terminal event.
    ///
    /// - Parameter start: the service's function, called once, before this function suspends.
    func perform(
        _ step: String?, onChunk: (@Sendable (String) -> Void)? = nil,
        start: (UnsafePointer<bureau_host>, bureau_call, UnsafePointer<bureau_step>, UnsafeMutablePointer<bureau_op>)
            -> bureau_status
    ) async -> OperationOutcome {
        if Task.isCancelled { return .failed(.cancelled("the task was cancelled")) }
        guard let token = reserveToken(onChunk) else { return .failed(.cancelled("the task has ended")) }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { waiter in
                guard wait(token, waiter) else {
                    waiter.resume(returning: .failed(.cancelled("the task was cancelled")))
                    return
                }
                var operation: bureau_op = 0
                let status = withBorrowed(step ?? "") { name in
                    var step = bureau_step(
                        struct_size: UInt32(MemoryLayout<bureau_step>.size), flags: 0, token: token, name: name)
                    return start(services.host, handle, &step, &operation)
                }
                started(token, operation, status)
            }
        } onCancel: {
            cancelOperation(token)
        }
    }

    private func reserveToken(_ onChunk: (@Sendable (String) -> Void)?) -> UInt64? {
        state.withLock { state in
            guard !state.isFinished else { return nil }
            state.lastToken += 1
            state.pending[state.lastToken] = Pending(onChunk: onChunk)
            return state.lastToken
        }
    }

    private func wait(_ token: UInt64, _ waiter: Waiter) -> Bool {
        state.withLock { state in
            guard state.pending[token]?.isCancelled == false else {
                state.pending[token] = nil
                return false
            }
            state.pending[token]?.waiter = waiter
            return true
        }
    }

    private func started(_ token: UInt64, _ operation: bureau_op, _ status: bureau_status) {
        guard status == BUREAU_OK else {
            let status = FailureStatus(rawValue: status < 0 ? status : BUREAU_E_INTERNAL)
            resume(token, .failed(TaskFailure(status, "the host refused the request (\(status.name))")))
            return
        }
        let mustCancel = state.withLock { state in
            state.pending[token]?.operation = operation
            return state.pending[token]?.isCancelled == true
        }
        if mustCancel { requestCancel(token, operation) }
    }

    private func cancelOperation(_ token: UInt64) {
        let operation = state.withLock { state -> bureau_op in
            state.pending[token]?.isCancelled = true
            return state.pending[token]?.operation ?? 0
        }
        if operation != 0 { requestCancel(token, operation) }
    }

    private func requestCancel(_ token: UInt64, _ operation: bureau_op) {
        if let cancel = services.operation?.pointee.cancel {
            _ = cancel(services.host, operation)
        } else {
            // This host cannot: its answer will find no waiter and is dropped.
            resume(token, .failed(.cancelled("the task was cancelled")))
        }
    }

    private func resume(_ token: UInt64, _ outcome: OperationOutcome) {
        let pending = state.withLock { $0.pending.removeValue(forKey: token) }
        pending?.waiter?.resume(returning: outcome)
    }

    /// [lane]
    func receive(_ event: bureau_event) {
        if event.kind == BUREAU_EVENT_CHUNK {
            receiveChunk(event)
        } else {
            resume(event.token, OperationOutcome(event))
        }
    }

    private func receiveChunk(_ event: bureau_event) {
        let (onChunk, grants) = state.withLock { state in
            guard var pending = state.pending[event.token] else {
                return (nil as (@Sendable (String) -> Void)?, false)
            }
            pending.chunksUntilGrant -= 1
            let grants = pending.chunksUntilGrant == 0
            if grants { pending.chunksUntilGrant = Self.chunkCredit }
            state.pending[event.token] = pending
            return (pending.onChunk, grants)
        }
        onChunk?(event.data.copy.text)
        if grants { _ = services.operation?.pointee.grant?(services.host, event.op, Self.chunkCredit) }
    }
}

extension Data {
    var text: String { String(decoding: self, as: UTF8.self) }
}
