package import Kernel

/// One request over HTTP, with every limit it runs under.
package struct OutgoingRequest: Sendable {
    package var url: String
    /// Sent as they are; names and values without line breaks.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    package var method = "POST"
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
        certificateFile: String? = nil
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

    static func unsent(_ outcome: Outcome) -> TransferEnd {
        TransferEnd(outcome: outcome, head: ResponseHead(status: 0, contentType: ""), wasSent: false)
    }
}
