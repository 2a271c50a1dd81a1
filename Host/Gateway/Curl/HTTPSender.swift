package import Kernel

/// Performs HTTP exchanges: ``CurlClient`` in this process, or a process of its own that outlives this one.
package protocol HTTPSender: AnyObject, Sendable {
    /// Sends a request and hands its response over as it comes. Cancelling the task ends the transfer.
    ///
    /// An attempt is sent at most once. Where answers are kept, the same attempt with the same request again gets the
    /// answer of the first, from its beginning; with another request it is refused.
    ///
    /// - Parameter onBytes: on a thread of the sender; must not block. False ends the transfer.
    func send(
        _ request: OutgoingRequest, onBytes: @escaping @Sendable (ResponseHead, [UInt8]) -> Bool
    ) async -> TransferEnd

    /// Whether an attempt's answer outlives this process, so that the next host takes it up instead of sending again.
    var keepsAnswers: Bool { get }

    /// The attempts of which something is kept here.
    func keptAttempts() async -> [String]

    /// What is kept of an attempt of an earlier host, once it has ended. Nil: nothing.
    func keptAnswer(of attempt: String) async -> KeptAnswer?

    /// Whether an attempt that began then, and of which nothing is kept, was certainly not sent.
    func knowsEveryAttempt(since begun: Instant) -> Bool

    /// What became of the attempt is committed: its answer is needed no more.
    func forget(_ attempt: String)

    /// Lets go of what is under way: every ``send(_:onBytes:)`` ends with ``TransferEnd/Outcome/detached``, and the
    /// answers go on being kept. Where none are kept, nothing happens.
    func detach()

    /// Ends all that is under way. Requests after it are refused.
    func close()
}

/// The answer to an attempt of an earlier host.
package struct KeptAnswer: Hashable, Sendable {
    /// ``OutgoingRequest/label``.
    package var label: String
    package var body: [UInt8]
    package var end: TransferEnd

    package init(label: String, body: [UInt8], end: TransferEnd) {
        self.label = label
        self.body = body
        self.end = end
    }
}
