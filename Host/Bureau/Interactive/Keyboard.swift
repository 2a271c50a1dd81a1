import Glibc

/// Single keys from the terminal.
struct Keyboard {
    enum Key: Hashable {
        case character(Character)
        /// Ctrl-C, Ctrl-D, or the terminal went away.
        case end
    }

    /// - Throws: when nobody sits there.
    static func require() throws(CommandFailure) {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            throw CommandFailure(.usage, "bureau interactive needs a terminal; for scripts there is bureau approvals")
        }
    }

    /// The next key, without waiting for a line's end; nothing is echoed.
    static func key() -> Key {
        var old = termios()
        guard tcgetattr(STDIN_FILENO, &old) == 0 else { return .end }
        var raw = old
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
        defer { tcsetattr(STDIN_FILENO, TCSADRAIN, &old) }
        var byte: UInt8 = 0
        while true {
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return .end }
            switch byte {
            case 3, 4: return .end
            case 0x1B:
                skipSequence(&byte)
                continue
            case 0x20..<0x7F, 0x0A, 0x0D: return .character(Character(UnicodeScalar(byte)))
            default: continue
            }
        }
    }

    /// An arrow or a function key is none of ours: `ESC [ … letter`.
    private static func skipSequence(_ byte: inout UInt8) {
        var set = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while poll(&set, 1, 20) == 1, read(STDIN_FILENO, &byte, 1) == 1 {
            if (0x40...0x7E).contains(byte), byte != UInt8(ascii: "[") { return }
        }
    }
}
