import Glibc
import Synchronization

/// The one place that writes: results to standard output, errors and progress to standard error.
struct Terminal: Sendable {
    /// Colour and redrawing are for people who watch; `NO_COLOR` (no-color.org) and pipes get plain text.
    let outputStyle: Style
    let errorStyle: Style
    /// Standard error is a terminal that can move its cursor.
    let isLive: Bool

    static let standard = Terminal()

    private init() {
        let environment = { (name: String) -> String? in getenv(name).map { String(cString: $0) } }
        let isDumb = environment("TERM") ?? "dumb" == "dumb"
        let wantsColour = environment("NO_COLOR").map(\.isEmpty) ?? true
        outputStyle = Style(isColoured: isatty(STDOUT_FILENO) == 1 && !isDumb && wantsColour)
        errorStyle = Style(isColoured: isatty(STDERR_FILENO) == 1 && !isDumb && wantsColour)
        isLive = isatty(STDERR_FILENO) == 1 && !isDumb
    }

    /// A line of the command's result.
    func line(_ text: String = "") { Self.write(text + "\n", to: STDOUT_FILENO) }

    /// A line beside the result.
    func note(_ text: String) { Self.write(text + "\n", to: STDERR_FILENO) }

    func error(_ text: String) { note("\(errorStyle.red("bureau:")) \(text)") }

    /// Text for the error stream as it is, for redrawing.
    func draw(_ text: String) { Self.write(text, to: STDERR_FILENO) }

    func bytes(_ bytes: [UInt8]) { Self.write(bytes, to: STDOUT_FILENO) }

    /// Columns and rows of the error stream; 80 × 24 where it does not say.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    static func exit(_ status: ExitStatus) -> Never { Glibc.exit(status.rawValue) }

    private static func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8), to: descriptor) }

    /// Whole or not at all: a reader that went away ends the output silently.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written < 0, errno == EINTR || errno == EAGAIN { continue }
                guard written > 0 else { return }
                rest = rest.dropFirst(written)
            }
        }
    }
}

/// Colours by meaning (ECMA-48 select graphic rendition), or none.
struct Style: Hashable, Sendable {
    let isColoured: Bool

    func bold(_ text: String) -> String { wrap(text, "1") }
    func faint(_ text: String) -> String { wrap(text, "2") }
    func red(_ text: String) -> String { wrap(text, "31") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func yellow(_ text: String) -> String { wrap(text, "33") }
    func cyan(_ text: String) -> String { wrap(text, "36") }

    private func wrap(_ text: String, _ code: String) -> String {
        isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

extension String {
    /// Without control characters: what a plugin wrote must not move the cursor.
    var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    /// Cut to `width` characters, with an ellipsis.
    func fitted(_ width: Int) -> String { count <= width ? self : String(prefix(Swift.max(0, width - 1))) + "…" }
}
