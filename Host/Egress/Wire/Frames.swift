package import Gateway
import Kernel

/// What the host sends.
package enum HostFrame: Sendable {
    /// The first frame.
    case hello(version: UInt32)
    /// Performs an exchange, or takes up the one of this attempt.
    case start(exchange: UInt64, OutgoingRequest)
    /// Ends it; its end comes as for every other.
    case cancel(exchange: UInt64)
    /// What became of the attempt is committed: the spool goes.
    case forget(attempt: String)

    package var encoded: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .hello(let version):
            writer.put(UInt8(1))
            writer.put(version)
        case .start(let exchange, let request):
            writer = ByteWriter(capacity: request.body.count + 512)
            writer.put(UInt8(2))
            writer.put(exchange)
            RequestCoding.put(request, &writer)
        case .cancel(let exchange):
            writer.put(UInt8(3))
            writer.put(exchange)
        case .forget(let attempt):
            writer.put(UInt8(4))
            writer.put(attempt)
        }
        return writer.bytes
    }

    package init(decoding bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = ByteReader(bytes)
        switch try reader.integer(UInt8.self) {
        case 1: self = .hello(version: try reader.integer())
        case 2: self = .start(exchange: try reader.integer(), try RequestCoding.request(&reader))
        case 3: self = .cancel(exchange: try reader.integer())
        case 4: self = .forget(attempt: try reader.text(atMost: AttemptName.maximumBytes))
        case let other: throw WireError("no frame of the host has the kind \(other)")
        }
        try reader.finish()
    }
}

/// What the egress process sends.
package enum EgressFrame: Hashable, Sendable {
    case welcome(version: UInt32)
    /// The next record of an exchange. After ``ExchangeRecord/ended(_:)`` there is no other.
    case record(exchange: UInt64, ExchangeRecord)
    /// It cannot work, and ends.
    case unable(String)

    package var encoded: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .welcome(let version):
            writer.put(UInt8(1))
            writer.put(version)
        case .record(let exchange, let record):
            writer.put(UInt8(2))
            writer.put(exchange)
            writer.putRest(record.encoded)
        case .unable(let reason):
            writer.put(UInt8(3))
            writer.put(reason)
        }
        return writer.bytes
    }

    package init(decoding bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = ByteReader(bytes)
        switch try reader.integer(UInt8.self) {
        case 1:
            self = .welcome(version: try reader.integer())
            try reader.finish()
        case 2: self = .record(exchange: try reader.integer(), try ExchangeRecord(decoding: reader.takeRest()[...]))
        case 3:
            self = .unable(try reader.text(atMost: ExchangeRecord.maximumTextBytes))
            try reader.finish()
        case let other: throw WireError("no frame of the egress process has the kind \(other)")
        }
    }
}

package enum EgressProtocol {
    package static let version: UInt32 = 1
    /// A request with all it carries.
    package static let maximumHostFrameBytes = 64 << 20
    package static let maximumEgressFrameBytes = 2 << 20
}
