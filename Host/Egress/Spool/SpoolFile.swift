package import Gateway
import Glibc
package import Kernel

/// The record of one attempt's exchange: a file that is only appended to, `length ‖ CRC-32 ‖ record` again and again.
///
/// **Who holds its lock may send, nobody else.** The kernel takes the lock back when its holder ends, however it ends:
/// so a record that is not locked and has no end is one whose sender is gone.
package final class SpoolFile: Sendable {
    private static let headerBytes = 8

    private let descriptor: Int32
    private let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// False when another process, or another exchange of this one, holds it.
    package func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// False once it was forgotten, though this descriptor still reads it.
    package var isNamed: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_nlink > 0
    }

    package var byteCount: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// - Returns: where it ends.
    /// - Throws: `.io` when the disk takes no more.
    @discardableResult
    package func append(_ record: ExchangeRecord) throws(Failure) -> Int {
        let content = record.encoded
        var writer = ByteWriter(capacity: content.count + Self.headerBytes)
        writer.put(UInt32(content.count))
        writer.put(Checksum.crc32(content[...]))
        writer.putRest(content)
        let start = byteCount
        var rest = writer.bytes[...]
        while !rest.isEmpty {
            let offset = start + writer.bytes.count - rest.count
            let count = rest.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = String(cString: strerror(errno))
                _ = ftruncate(descriptor, off_t(start))
                throw Failure(.io, "the spool \(path) takes no more: \(reason)")
            }
            rest = rest.dropFirst(count)
        }
        return start + writer.bytes.count
    }

    /// The whole record at `offset`, and where the next one begins. Nil when none stands there yet, or a torn one.
    package func record(at offset: Int) -> (record: ExchangeRecord, next: Int)? {
        guard let header = bytes(at: offset, count: Self.headerBytes) else { return nil }
        var reader = ByteReader(header[...])
        guard let length = try? Int(reader.integer(UInt32.self)), let checksum = try? reader.integer(UInt32.self),
            (1...EgressProtocol.maximumEgressFrameBytes).contains(length),
            let content = bytes(at: offset + Self.headerBytes, count: length),
            Checksum.crc32(content[...]) == checksum, let record = try? ExchangeRecord(decoding: content[...])
        else { return nil }
        return (record, offset + Self.headerBytes + length)
    }

    /// How far the exchange came. Asked by who holds the lock: what was torn off at the end is cut away.
    package func standing() -> SpoolStanding {
        var standing = SpoolStanding()
        var offset = 0
        while let (record, next) = record(at: offset) {
            standing.note(record)
            offset = next
        }
        if offset < byteCount { _ = ftruncate(descriptor, off_t(offset)) }
        return standing
    }

    /// Until the disk has it.
    package func sync() { _ = fdatasync(descriptor) }

    private func bytes(at offset: Int, count: Int) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { return }
                filled += got
            }
        }
        return bytes.count == count ? bytes : nil
    }
}

/// What a spool says about its exchange.
package struct SpoolStanding: Hashable, Sendable {
    /// Nil: nothing was begun.
    package private(set) var request: Digest?
    package private(set) var isSent = false
    package private(set) var head: ResponseHead?
    package private(set) var hasEnded = false

    mutating func note(_ record: ExchangeRecord) {
        switch record {
        case .opened(_, let digest, _): request = digest
        case .sending: isSent = true
        case .head(let known): head = known
        case .piece: break
        case .ended: hasEnded = true
        }
    }
}
