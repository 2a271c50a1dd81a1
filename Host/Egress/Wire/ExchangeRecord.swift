package import Gateway
package import Kernel

/// One entry of an exchange's record: what is appended to its spool, and what the host is sent of it.
package enum ExchangeRecord: Hashable, Sendable {
    /// The first: which request this is, and ``OutgoingRequest/label``.
    case opened(attempt: String, request: Digest, label: String)
    /// There is a connection, and from here on any byte of the request may have left this machine.
    case sending
    case head(ResponseHead)
    case piece([UInt8])
    /// The last.
    case ended(TransferEnd)

    static let maximumTextBytes = 1 << 16
    static let maximumHeaders = 1024

    var kind: UInt8 {
        switch self {
        case .opened: 1
        case .sending: 2
        case .head: 3
        case .piece: 4
        case .ended: 5
        }
    }

    /// Kind and fields.
    package var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.put(kind)
        switch self {
        case .opened(let attempt, let request, let label):
            writer.put(attempt)
            writer.put(request.bytes)
            writer.put(label)
        case .sending: break
        case .head(let head): Self.put(head, &writer)
        case .piece(let bytes): writer.putRest(bytes)
        case .ended(let end): Self.put(end, &writer)
        }
        return writer.bytes
    }

    package init(decoding bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = ByteReader(bytes)
        switch try reader.integer(UInt8.self) {
        case 1:
            let attempt = try reader.text(atMost: AttemptName.maximumBytes)
            guard let digest = Digest(checking: try reader.content(atMost: Digest.byteCount)) else {
                throw WireError("a digest of another length")
            }
            self = .opened(
                attempt: attempt, request: digest, label: try reader.text(atMost: Self.maximumTextBytes))
        case 2: self = .sending
        case 3: self = .head(try Self.head(&reader))
        case 4: self = .piece(reader.takeRest())
        case 5: self = .ended(try Self.end(&reader))
        case let other: throw WireError("no record has the kind \(other)")
        }
        try reader.finish()
    }

    private static func put(_ head: ResponseHead, _ writer: inout ByteWriter) {
        writer.put(UInt16(clamping: head.status))
        writer.put(bounded(head.contentType))
        writer.put(UInt16(clamping: min(head.headers.count, maximumHeaders)))
        for header in head.headers.prefix(maximumHeaders) {
            writer.put(bounded(header.name))
            writer.put(bounded(header.value))
        }
    }

    private static func head(_ reader: inout ByteReader) throws(WireError) -> ResponseHead {
        var head = ResponseHead(
            status: Int(try reader.integer(UInt16.self)), contentType: try reader.text(atMost: maximumTextBytes))
        let count = Int(try reader.integer(UInt16.self))
        guard count <= maximumHeaders else { throw WireError("\(count) headers") }
        for _ in 0..<count {
            head.headers.append(
                HTTPHeader(
                    name: try reader.text(atMost: maximumTextBytes), value: try reader.text(atMost: maximumTextBytes)))
        }
        return head
    }

    private static func put(_ end: TransferEnd, _ writer: inout ByteWriter) {
        let (code, status, text): (UInt8, Int32, String) =
            switch end.outcome {
            case .finished: (0, 0, "")
            case .stopped: (1, 0, "")
            case .cancelled: (2, 0, "")
            case .responseTooLarge: (3, 0, "")
            case .headersTooLarge: (4, 0, "")
            case .connectTimedOut: (5, 0, "")
            case .idleTimedOut: (6, 0, "")
            case .timedOut: (7, 0, "")
            case .failed(let reason): (8, 0, reason)
            case .refused(let failure): (9, failure.status.rawValue, failure.message)
            case .lost(let reason): (10, 0, reason)
            case .detached: (11, 0, "")
            }
        writer.put(code)
        writer.put(status)
        writer.put(bounded(text))
        writer.put(end.wasSent)
        writer.put(UInt32(clamping: end.retryAfterSeconds))
        put(end.head, &writer)
    }

    private static func end(_ reader: inout ByteReader) throws(WireError) -> TransferEnd {
        let code = try reader.integer(UInt8.self)
        let status = Status(rawValue: try reader.integer())
        let text = try reader.text(atMost: maximumTextBytes)
        let outcome: TransferEnd.Outcome
        switch code {
        case 0: outcome = .finished
        case 1: outcome = .stopped
        case 2: outcome = .cancelled
        case 3: outcome = .responseTooLarge
        case 4: outcome = .headersTooLarge
        case 5: outcome = .connectTimedOut
        case 6: outcome = .idleTimedOut
        case 7: outcome = .timedOut
        case 8: outcome = .failed(text)
        case 9: outcome = .refused(Failure(status, text))
        case 10: outcome = .lost(text)
        case 11: outcome = .detached
        default: throw WireError("no end has the code \(code)")
        }
        let wasSent = try reader.flag()
        let retryAfter = Int(try reader.integer(UInt32.self))
        return TransferEnd(
            outcome: outcome, head: try head(&reader), wasSent: wasSent, retryAfterSeconds: retryAfter)
    }

    private static func bounded(_ text: String) -> String {
        guard text.utf8.count > maximumTextBytes else { return text }
        return String(decoding: Array(text.utf8.prefix(maximumTextBytes - 4)), as: UTF8.self)
    }
}
