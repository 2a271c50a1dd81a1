import Glibc
import Synchronization

/// What a worker prints, as lines, with a limit: output is for people, never for memory.
final class PrintedLines: Sendable {
    static let linesPerSecond = 100
    static let lineBytes = 2048

    private struct State {
        var partial: [UInt8] = []
        var second: UInt64 = 0
        var lines = 0
        var dropped = 0
        var isFinished = false
    }

    private let descriptor: Int32
    private let line: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// - Parameter descriptor: non-blocking; stays the caller's.
    init(descriptor: Int32, line: @escaping @Sendable (String) -> Void) {
        self.descriptor = descriptor
        self.line = line
    }

    /// Reads a bounded part of what is there. False at the end.
    func read() -> Bool {
        let (lines, more) = state.withLock { state in
            state.isFinished ? ([], false) : Self.read(&state, from: descriptor)
        }
        for text in lines { line(text) }
        return more
    }

    /// Reads the last words.
    func finish() {
        for _ in 0..<16 where read() {}
        let rest = state.withLock { state in
            state.isFinished = true
            return state.partial
        }
        if !rest.isEmpty { line(Self.printable(rest)) }
    }

    private static func read(_ state: inout State, from descriptor: Int32) -> ([String], Bool) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count < 0 { return ([], errno == EAGAIN || errno == EINTR) }
        if count == 0 { return ([], false) }
        var lines: [String] = []
        for byte in buffer[..<count] {
            if byte != 10 {
                if state.partial.count < lineBytes { state.partial.append(byte) }
                continue
            }
            if let text = take(&state) { lines.append(text) }
        }
        return (lines, true)
    }

    private static func take(_ state: inout State) -> String? {
        defer { state.partial = [] }
        let second = Monotonic.milliseconds() / 1000
        if second != state.second { (state.second, state.lines) = (second, 0) }
        guard state.lines < linesPerSecond else {
            state.dropped += 1
            return nil
        }
        state.lines += 1
        let dropped = state.dropped
        state.dropped = 0
        return (dropped > 0 ? "(\(dropped) lines dropped) " : "") + printable(state.partial)
    }

    /// Control characters could forge lines or command a terminal.
    private static func printable(_ bytes: [UInt8]) -> String {
        String(
            String.UnicodeScalarView(
                String(decoding: bytes, as: UTF8.self).unicodeScalars.map {
                    $0.properties.generalCategory == .control && $0 != "\t" ? "\u{FFFD}" : $0
                }))
    }
}
