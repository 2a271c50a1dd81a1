import Glibc
import Placement

/// What the author types: Enter runs again, q quits. A terminal gives each key at once, a pipe gives lines, so that
/// an editor can do the same.
final class DevKeys: Sendable {
    enum Key: Sendable { case run, quit }

    let keys: AsyncStream<Key>

    private let stop: OneWay
    private let told: AsyncStream<Key>.Continuation
    /// As it was found; nil where standard input is no terminal.
    private let terminal: termios?

    init() throws(CommandFailure) {
        (keys, told) = AsyncStream.makeStream(of: Key.self)
        stop = try OneWay()
        var found = termios()
        // A background job may read nothing from its terminal, and must not change it.
        if isatty(STDIN_FILENO) == 1, tcgetpgrp(STDIN_FILENO) == getpgrp(), tcgetattr(STDIN_FILENO, &found) == 0 {
            terminal = found
            var raw = found
            // Signals stay: Ctrl-C is one.
            raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
            tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        } else {
            terminal = nil
        }
        guard terminal != nil || isatty(STDIN_FILENO) == 0 else {
            told.finish()
            return
        }
        guard OSThread.start(name: "keys", { [stop, told] in Self.read(stop, told) }) else {
            restore()
            throw CommandFailure(.internal, "no thread to read the keys")
        }
    }

    /// Leaves the terminal as it was.
    func restore() {
        stop.signal()
        guard var terminal else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal)
    }

    private static func read(_ stop: OneWay, _ told: AsyncStream<Key>.Continuation) {
        var sources = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stop.reader, events: Int16(POLLIN), revents: 0),
        ]
        var buffer = [UInt8](repeating: 0, count: 256)
        while poll(&sources, nfds_t(sources.count), -1) >= 0 || errno == EINTR {
            if sources[1].revents != 0 { break }
            guard sources[0].revents != 0 else { continue }
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            // The end of standard input is no wish to stop: the loop may have been started without one.
            guard count > 0 else { break }
            for byte in buffer[..<count] {
                switch byte {
                case UInt8(ascii: "\n"), UInt8(ascii: "\r"): told.yield(.run)
                case UInt8(ascii: "q"), UInt8(ascii: "Q"): told.yield(.quit)
                default: break
                }
            }
        }
        told.finish()
    }
}
