import CCurl
import Dispatch
package import Kernel
import Foundation
import Synchronization

/// HTTP over libcurl: one thread drives all transfers and keeps connections for the next ones. HTTP/2 where TLS offers
/// it. No redirects, no proxies from the environment, no schemes but http and https.
package final class CurlClient: HTTPSender {
    private let mailbox: CurlMailbox
    private let nextID = Atomic<UInt64>(1)

    private static let globalResult = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    /// - Throws: `.internal` when libcurl cannot start.
    package init() throws(Failure) {
        guard Self.globalResult == CURLE_OK, let multi = curl_multi_init() else {
            throw Failure(.internal, "libcurl cannot start")
        }
        mailbox = CurlMailbox(multi: UInt(bitPattern: multi))
        let mailbox = mailbox
        let thread = Thread { CurlLoop(mailbox: mailbox).run() }
        thread.name = "bureau.curl"
        thread.start()
    }

    deinit { mailbox.close() }

    /// Answers live as long as this process.
    package var keepsAnswers: Bool { false }
    package func keptAttempts() async -> [String] { [] }
    package func keptAnswer(of attempt: String) async -> KeptAnswer? { nil }
    package func knowsEveryAttempt(since begun: Instant) -> Bool { false }
    package func forget(_ attempt: String) {}
    package func detach() {}

    /// `onBytes` is called on the client's thread.
    package func send(
        _ request: OutgoingRequest, onBytes: @escaping @Sendable (ResponseHead, [UInt8]) -> Bool
    ) async -> TransferEnd {
        let id = newID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else {
                    return continuation.resume(returning: TransferEnd(unsent: .cancelled))
                }
                start(request, as: id, onBytes: onBytes) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    package func newID() -> UInt64 { nextID.wrappingAdd(1, ordering: .relaxed).newValue }

    /// The same without a task: every function is called on the client's thread, or at once on this one when nothing
    /// can be sent.
    ///
    /// - Parameters:
    ///   - onSending: called once there is a connection, before the first byte of the request. False ends the
    ///     transfer, unsent.
    ///   - onEnd: called once.
    package func start(
        _ request: OutgoingRequest, as id: UInt64, onSending: (@Sendable () -> Bool)? = nil,
        onBytes: @escaping @Sendable (ResponseHead, [UInt8]) -> Bool, onEnd: @escaping @Sendable (TransferEnd) -> Void
    ) {
        var request = request
        var filters: [SecretFilter] = []
        if let credential = request.credential {
            do {
                let now = Instant(unixMilliseconds: Int64(Date().timeIntervalSince1970 * 1000))
                let authorization = try credential.authorization(for: request, at: now)
                request.headers += authorization.headers
                filters = authorization.secrets.map(SecretFilter.init)
            } catch {
                return onEnd(TransferEnd(unsent: .refused(error)))
            }
        }
        let job = CurlJob(
            id: id, request: request, filters: filters, onSending: onSending, onBytes: onBytes, onEnd: onEnd)
        if !mailbox.post(.start(job)) { onEnd(TransferEnd(unsent: .cancelled)) }
    }

    package func cancel(_ id: UInt64) { _ = mailbox.post(.cancel(id)) }

    /// Cancels all transfers and waits until the thread has let go of them.
    package func close() {
        mailbox.close()
        mailbox.ended.wait()
        mailbox.ended.signal()
    }
}

/// A request and who waits for it.
struct CurlJob: Sendable {
    let id: UInt64
    /// With its credential among the headers.
    let request: OutgoingRequest
    let filters: [SecretFilter]
    let onSending: (@Sendable () -> Bool)?
    let onBytes: @Sendable (ResponseHead, [UInt8]) -> Bool
    /// Called once.
    let onEnd: @Sendable (TransferEnd) -> Void
}

/// The way from any thread to the client's thread.
final class CurlMailbox: Sendable {
    enum Command: Sendable {
        case start(CurlJob)
        case cancel(UInt64)
    }

    private struct State {
        var commands: [Command] = []
        var isClosing = false
        /// Zero once the handle is gone, so that nobody wakes it any more.
        var multi: UInt
    }

    private let state: Mutex<State>
    let multi: UInt
    let ended = DispatchSemaphore(value: 0)

    init(multi: UInt) {
        self.multi = multi
        state = Mutex(State(multi: multi))
    }

    /// False when the client is closing: the command will not be seen.
    func post(_ command: Command) -> Bool {
        state.withLock { state in
            guard !state.isClosing else { return false }
            state.commands.append(command)
            Self.wake(state.multi)
            return true
        }
    }

    func close() {
        state.withLock { state in
            state.isClosing = true
            Self.wake(state.multi)
        }
    }

    func take() -> (commands: [Command], isClosing: Bool) {
        state.withLock { state in
            defer { state.commands = [] }
            return (state.commands, state.isClosing)
        }
    }

    /// After this no other thread touches the handle.
    func retire() { state.withLock { $0.multi = 0 } }

    private static func wake(_ multi: UInt) {
        if let handle = UnsafeMutableRawPointer(bitPattern: multi) { curl_multi_wakeup(handle) }
    }
}
