package import Kernel

/// One request over HTTP, with every limit it runs under.
package struct OutgoingRequest: Sendable {
    package var url: String
    /// Sent as they are; names and values without line breaks.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    package var method = "POST"
    /// Who makes the request never sees the secrets, only where they come from: the sender reads them when it sends,
    /// and takes them out of whatever the other side answers.
    package var credential: RequestCredential?
    /// `run/sequence/attempt` of a call that is sent at most once. Nil: an exchange that nobody takes up again.
    package var attempt: String?
    /// Kept beside the attempt's answer, for a host that does not have the request any more. No secrets.
    package var label: String
    /// Whether an egress process that is gone may have sent the attempt.
    package var mayBeSent = false
    /// The only address that this request may connect to, whatever its host's name says now. The connection is then
    /// this request's own.
    package var onlyAddress: IPAddress?
    /// Nil: the answer's headers are not kept.
    package var maximumHeaderBytes: Int?
    package var connectTimeoutMilliseconds: Int
    /// For all of it, from connecting to the last byte.
    package var timeoutMilliseconds: Int
    /// Without a byte in either direction. libcurl averages over some seconds, so it may take up to six more.
    package var idleTimeoutSeconds: Int
    package var maximumResponseBytes: Int
    /// Nil: none. Proxies that the environment names are never used.
    package var proxy: String?
    /// Certificates to trust instead of the system's, as a PEM file.
    package var certificateFile: String?

    package init(
        url: String, headers: [(name: String, value: String)], body: [UInt8], connectTimeoutMilliseconds: Int,
        timeoutMilliseconds: Int, idleTimeoutSeconds: Int, maximumResponseBytes: Int, proxy: String? = nil,
        certificateFile: String? = nil, credential: RequestCredential? = nil, attempt: String? = nil,
        label: String = ""
    ) {
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.timeoutMilliseconds = timeoutMilliseconds
        self.idleTimeoutSeconds = idleTimeoutSeconds
        self.maximumResponseBytes = maximumResponseBytes
        self.proxy = proxy
        self.certificateFile = certificateFile
        self.credential = credential
        self.attempt = attempt
        self.label = label
    }
}

/// Known when the first bytes of the body arrive.
package struct ResponseHead: Hashable, Sendable {
    package var status: Int
    package var contentType: String
    /// In the order of the answer, when they are kept.
    package var headers: [HTTPHeader]

    package init(status: Int, contentType: String, headers: [HTTPHeader] = []) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
    }
}

/// How a transfer ended.
package struct TransferEnd: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The whole response came, whatever its status.
        case finished
        /// The receiver wanted no more.
        case stopped
        case cancelled
        case responseTooLarge
        case headersTooLarge
        case connectTimedOut
        case idleTimedOut
        case timedOut
        /// With libcurl's reason.
        case failed(String)
        /// The sender did not take the request, and says why; it was not sent.
        case refused(Failure)
        /// Sent, or nearly, by a process that is gone: the answer is not known, but for what came of it.
        case lost(String)
        /// This host lets go of the exchange; its answer is kept.
        case detached
    }

    package var outcome: Outcome
    package var head: ResponseHead
    /// Whether any byte of the request may have left this host.
    package var wasSent: Bool
    /// From `Retry-After`; 0 when there was none.
    package var retryAfterSeconds: Int

    package init(outcome: Outcome, head: ResponseHead, wasSent: Bool, retryAfterSeconds: Int = 0) {
        self.outcome = outcome
        self.head = head
        self.wasSent = wasSent
        self.retryAfterSeconds = retryAfterSeconds
    }

    package init(unsent outcome: Outcome) {
        self.init(outcome: outcome, head: ResponseHead(status: 0, contentType: ""), wasSent: false)
    }

    /// Why there is no whole response; nil when there is one, or the receiver wanted no more.
    package var failure: Failure? {
        switch outcome {
        case .finished, .stopped: nil
        case .cancelled: Failure(.cancelled, "cancelled")
        case .responseTooLarge, .headersTooLarge: Failure(.tooLarge, "the answer is too large")
        case .connectTimedOut: Failure(.io, "no connection in time")
        case .idleTimedOut: Failure(.io, "the provider fell silent")
        case .timedOut: Failure(.deadline, "the call took longer than it may")
        case .failed(let reason), .lost(let reason): Failure(.io, reason)
        case .refused(let failure): failure
        case .detached: Failure(.cancelled, "the host is stopping; the answer is kept for the next one")
        }
    }

    /// Whether another attempt makes sense.
    package var isRetryable: Bool { failure?.status == .io || failure?.status == .busy }
}
