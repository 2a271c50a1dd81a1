import CEgress
import Glibc
import Synchronization

/// One end of the socket between host and egress process: frames of `length ‖ content`, sent from any thread and read
/// by one. Never blocks but in ``run(_:)``'s wait.
package final class FrameSocket: Sendable {
    /// Why ``run(_:)`` returned.
    package enum End: Hashable, Sendable {
        /// The other side closed, or ``shutDown()`` was called.
        case closed
        case broken(String)
    }

    /// What the reading thread does; each on that thread.
    package struct Handlers {
        /// Throwing ends the connection.
        package var frame: (ArraySlice<UInt8>) throws(WireError) -> Void
        /// What waited to be sent is gone.
        package var drained: () -> Void
        /// Called before each wait: how long it may be, in milliseconds; -1 for as long as it takes.
        package var nap: () -> Int32

        package init(
            frame: @escaping (ArraySlice<UInt8>) throws(WireError) -> Void, drained: @escaping () -> Void = {},
            nap: @escaping () -> Int32 = { -1 }
        ) {
            self.frame = frame
            self.drained = drained
            self.nap = nap
        }
    }

    private struct Outbox {
        var waiting: [UInt8] = []
        var start = 0
        var isClosed = false
        var isEmpty: Bool { start == waiting.count }
    }

    private static let sendFlags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
    private static let readBytes = 1 << 18

    private let descriptor: Int32
    private let wakeDescriptor: Int32
    private let maximumFrameBytes: Int
    private let outbox = Mutex(Outbox())

    /// - Parameter descriptor: a connected stream socket, which this object closes at its end.
    package init(descriptor: Int32, maximumFrameBytes: Int) {
        self.descriptor = descriptor
        self.maximumFrameBytes = maximumFrameBytes
        wakeDescriptor = egress_event()
    }

    deinit {
        close(descriptor)
        close(wakeDescriptor)
    }

    /// Whether the other side is slow to read.
    package var hasBacklog: Bool { outbox.withLock { !$0.isEmpty } }

    /// Sends a frame now, or keeps it until the other side reads. The caller bounds how much that is.
    package func send(_ content: [UInt8]) {
        var frame = ByteWriter(capacity: content.count + 4)
        frame.put(UInt32(content.count))
        frame.putRest(content)
        let isLeft = outbox.withLock { outbox in
            guard !outbox.isClosed else { return false }
            let sent = outbox.isEmpty ? put(frame.bytes[...]) : 0
            guard sent < frame.bytes.count else { return false }
            if outbox.isEmpty { (outbox.waiting, outbox.start) = ([], 0) }
            outbox.waiting += frame.bytes[sent...]
            return true
        }
        if isLeft { wake() }
    }

    /// Ends the reading thread's wait.
    package func wake() {
        var one: UInt64 = 1
        _ = write(wakeDescriptor, &one, 8)
    }

    package func shutDown() {
        outbox.withLock { $0.isClosed = true }
        shutdown(descriptor, Int32(SHUT_RDWR))
        wake()
    }

    /// Whether the other side still has its end open. False also while there is something left to read from it.
    package var isConnected: Bool { egress_is_connected(descriptor) == 1 }

    /// Reads until the end.
    package func run(_ handlers: Handlers) -> End {
        var inbox: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Self.readBytes)
        while true {
            let wantsToSend = hasBacklog
            var polls = [
                pollfd(fd: descriptor, events: Int16(POLLIN) | (wantsToSend ? Int16(POLLOUT) : 0), revents: 0),
                pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&polls, 2, handlers.nap()) < 0, errno != EINTR { return .broken("poll: \(errno)") }
            if polls[1].revents != 0 {
                var count: UInt64 = 0
                _ = read(wakeDescriptor, &count, 8)
            }
            if outbox.withLock({ $0.isClosed }) { return .closed }
            if wantsToSend, flush() { handlers.drained() }
            guard polls[0].revents & ~Int16(POLLOUT) != 0 else { continue }
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return .closed }
            inbox += buffer[..<count]
            do throws(WireError) {
                try take(&inbox, handlers)
            } catch {
                return .broken(error.description)
            }
        }
    }

    private func take(_ inbox: inout [UInt8], _ handlers: Handlers) throws(WireError) {
        var start = 0
        while inbox.count - start >= 4 {
            var reader = ByteReader(inbox[start..<start + 4])
            let length = Int(try reader.integer(UInt32.self))
            guard (1...maximumFrameBytes).contains(length) else {
                throw WireError("a frame of \(length) bytes; it has 1 to \(maximumFrameBytes)")
            }
            guard inbox.count - start - 4 >= length else { break }
            try handlers.frame(inbox[start + 4..<start + 4 + length])
            start += 4 + length
        }
        if start > 0 { inbox.removeFirst(start) }
    }

    /// True when nothing is left.
    private func flush() -> Bool {
        outbox.withLock { outbox in
            outbox.start += put(outbox.waiting[outbox.start...])
            if outbox.isEmpty { (outbox.waiting, outbox.start) = ([], 0) }
            return outbox.isEmpty
        }
    }

    /// How many bytes the socket took. An error shows when reading.
    private func put(_ bytes: ArraySlice<UInt8>) -> Int {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[(bytes.startIndex + sent)...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Self.sendFlags)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return sent }
            sent += count
        }
        return sent
    }
}
