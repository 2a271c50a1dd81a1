import Glibc

/// Questions to the person at the terminal.
enum Prompt {
    /// One line that is shown as it is typed.
    static func line(_ question: String) throws(CommandFailure) -> String {
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandFailure(.usage, "\(question.lowercased()) is needed, and nobody is there to be asked")
        }
        Terminal.standard.draw("\(question): ")
        guard let line = readLine(), !line.isEmpty else { throw CommandFailure(.cancelled, "nothing was entered") }
        return line
    }

    /// One line that is not shown.
    ///
    /// - Parameter fromInput: standard input has it, and is no terminal.
    static func secret(_ question: String, fromInput: Bool) throws(CommandFailure) -> String {
        if fromInput {
            guard let line = readLine(), !line.isEmpty else {
                throw CommandFailure(.usage, "standard input has no \(question.lowercased())")
            }
            return line
        }
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandFailure(.usage, "\(question.lowercased()) is needed: on a terminal, or by standard input")
        }
        Terminal.standard.draw("\(question): ")
        let line = withoutEcho { readLine() }
        Terminal.standard.draw("\n")
        guard let line, !line.isEmpty else { throw CommandFailure(.cancelled, "nothing was entered") }
        return line
    }

    private static func withoutEcho<Value>(_ body: () -> Value) -> Value {
        var old = termios()
        guard tcgetattr(STDIN_FILENO, &old) == 0 else { return body() }
        var quiet = old
        quiet.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &old) }
        return body()
    }
}
