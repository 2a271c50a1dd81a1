import CLane
import Glibc

/// Bytes from a worker, cut into frames. What is here is out of the worker's reach. Bounded by the largest frame.
struct FrameBuffer: ~Copyable {
    private static let initialBytes = 64 << 10

    private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: initialBytes, alignment: 16)
    private var start = 0
    private var end = 0

    deinit { storage.deallocate() }

    /// Takes what waits in the ring, as much as there is room for.
    /// - Returns: how many bytes came.
    mutating func receive(from process: WorkerProcess, atMost limit: Int) throws(ProtocolViolation) -> Int {
        makeRoom()
        let target = UnsafeMutableRawBufferPointer(rebasing: storage[end..<min(storage.count, end + limit)])
        guard let count = process.read(into: target) else {
            throw ProtocolViolation("an impossible index in its ring")
        }
        end += count
        return count
    }

    /// The next whole frame, or nil. Its body is valid until the next call.
    ///
    /// - Parameter lanes: how many the worker has; a frame of another one breaks the protocol.
    mutating func next(
        lanes: Int
    ) throws(ProtocolViolation) -> (header: lane_header, body: UnsafeRawBufferPointer)? {
        guard let header = try peek(lanes) else { return nil }
        let frameEnd = start + Int(LANE_HEADER_BYTES) + Int(header.length)
        guard frameEnd <= end else { return nil }
        let body = UnsafeRawBufferPointer(rebasing: storage[start + Int(LANE_HEADER_BYTES)..<frameEnd])
        start = frameEnd
        return (header, body)
    }

    /// The header at the front, checked.
    private func peek(_ lanes: Int) throws(ProtocolViolation) -> lane_header? {
        guard end - start >= LANE_HEADER_BYTES else { return nil }
        let header = storage.loadUnaligned(fromByteOffset: start, as: lane_header.self)
        guard header.length <= LANE_MAX_BODY_BYTES else {
            throw ProtocolViolation("a frame of \(header.length) bytes, at most \(LANE_MAX_BODY_BYTES) are allowed")
        }
        guard Int(header.kind) >= LANE_READY, Int(header.kind) <= LANE_ANSWERED else {
            throw ProtocolViolation("a frame of unknown kind \(header.kind)")
        }
        guard Int(header.lane) < lanes else {
            throw ProtocolViolation("a frame of lane \(header.lane), and it has \(lanes)")
        }
        return header
    }

    /// Moves the unread to the front; grows to the frame that is arriving, and shrinks after it.
    private mutating func makeRoom() {
        var wanted = Self.initialBytes
        if end - start >= LANE_HEADER_BYTES {
            let length = Int(storage.loadUnaligned(fromByteOffset: start, as: UInt32.self))
            wanted = max(wanted, Int(LANE_HEADER_BYTES) + min(length, Int(LANE_MAX_BODY_BYTES)))
        }
        let unread = UnsafeRawBufferPointer(rebasing: storage[start..<end])
        if wanted > storage.count
            || (storage.count > Self.initialBytes && unread.count < Self.initialBytes / 2
                && wanted == Self.initialBytes)
        {
            let fresh = UnsafeMutableRawBufferPointer.allocate(byteCount: wanted, alignment: 16)
            fresh.copyMemory(from: unread)
            storage.deallocate()
            storage = fresh
        } else if start > 0, let base = storage.baseAddress, let source = unread.baseAddress {
            memmove(base, source, unread.count)
        }
        end -= start
        start = 0
    }
}
