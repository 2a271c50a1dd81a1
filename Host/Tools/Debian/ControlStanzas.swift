import Glibc

/// Splits a stream of Debian control data (deb822: `Name: value`, folded lines start with a blank, an empty line ends
/// a stanza) into stanzas. Holds one stanza at a time, so a catalogue of any size fits.
struct ControlStanzas: Sendable {
    /// A longer stanza is damaged data; it is skipped.
    private static let maximumStanzaBytes = 1 << 20

    private var pending: [UInt8] = []

    /// Calls `body` for each stanza that `chunk` completes.
    mutating func append(_ chunk: UnsafeRawBufferPointer, _ body: (ControlStanza) -> Void) {
        pending.append(contentsOf: chunk)
        var start = 0
        pending.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            var line = 0
            while let found = memchr(base + line, 0x0A, bytes.count - line) {
                let end = base.distance(to: found.assumingMemoryBound(to: UInt8.self))
                if end > start, bytes[end - 1] == 0x0A {
                    body(ControlStanza(UnsafeBufferPointer(rebasing: bytes[start..<end])))
                    start = end + 1
                }
                line = end + 1
            }
        }
        pending.removeFirst(start)
        if pending.count > Self.maximumStanzaBytes { pending.removeAll() }
    }

    /// The last stanza need not be followed by an empty line.
    mutating func finish(_ body: (ControlStanza) -> Void) {
        guard !pending.isEmpty else { return }
        pending.append(0x0A)
        pending.withUnsafeBufferPointer { body(ControlStanza($0)) }
        pending.removeAll()
    }
}

/// One paragraph of control data, borrowed for the duration of a callback.
struct ControlStanza {
    private let bytes: UnsafeBufferPointer<UInt8>

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The value's bytes with its folded lines; empty when there is no such field. `name` is written as in the data
    /// and followed by a colon.
    func field(_ name: StaticString) -> UnsafeBufferPointer<UInt8> {
        let count = name.utf8CodeUnitCount
        var line = 0
        while let base = bytes.baseAddress, line + count <= bytes.count {
            if memcmp(base + line, name.utf8Start, count) == 0 { return value(after: line + count) }
            guard let end = endOfLine(from: line) else { break }
            line = end + 1
        }
        return UnsafeBufferPointer(rebasing: bytes[0..<0])
    }

    func text(_ name: StaticString) -> String { String(decoding: field(name), as: UTF8.self) }

    private func value(after start: Int) -> UnsafeBufferPointer<UInt8> {
        var end = endOfLine(from: start) ?? bytes.count
        // A line that begins with a blank goes on with the value.
        while end + 1 < bytes.count, bytes[end + 1] == 0x20 || bytes[end + 1] == 0x09 {
            end = endOfLine(from: end + 1) ?? bytes.count
        }
        var first = start
        while first < end, bytes[first] == 0x20 { first += 1 }
        return UnsafeBufferPointer(rebasing: bytes[first..<end])
    }

    private func endOfLine(from start: Int) -> Int? {
        guard let base = bytes.baseAddress, start < bytes.count else { return nil }
        guard let found = memchr(base + start, 0x0A, bytes.count - start) else { return nil }
        return base.distance(to: found.assumingMemoryBound(to: UInt8.self))
    }
}
