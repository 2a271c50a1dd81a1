import CCurl
import Dispatch
package import Kernel
import Foundation
import Synchronization

/// HTTP over libcurl: one thread drives all transfers and keeps connections for the next ones. HTTP/2 where TLS offers
/// it. No redirects, no proxies from the environment, no schemes but http and https.
package final class CurlClient: Sendable {
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

    /// Sends a request and hands its response over as it comes. Cancelling the task ends the transfer.
    ///
    /// - Parameter onBytes: on the client's thread; must not block. False ends the transfer.
    package func send(
        _ request: OutgoingRequest, onBytes: @escaping @Sendable (ResponseHead, [UInt8]) -> Bool
    ) async -> TransferEnd {
        let id = nextID.wrappingAdd(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let job = CurlJob(id: id, request: request, onBytes: onBytes) { continuation.resume(returning: $0) }
                if Task.isCancelled || !mailbox.post(.start(job)) { job.onEnd(.unsent(.cancelled)) }
            }
        } onCancel: {
            _ = mailbox.post(.cancel(id))
        }
    }

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
    let request: OutgoingRequest
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
