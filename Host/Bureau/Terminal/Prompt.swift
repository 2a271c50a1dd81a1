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
        let line = withoutEcho {
            Terminal.standard.draw("\(question): ")
            return readLine()
        }
        Terminal.standard.draw("\n")
        guard let line, !line.isEmpty else { throw CommandFailure(.cancelled, "nothing was entered") }
        return line
    }

    /// Typed twice, since nobody sees it.
    static func newPassword() throws(CommandFailure) -> String {
        Terminal.standard.note("the password was given to you: choose your own")
        let first = try secret("New password", fromInput: false)
        guard try secret("New password again", fromInput: false) == first else {
            throw CommandFailure(.badInput, "the two passwords differ")
        }
        return first
    }

    /// Nothing is shown from before the question on; what was typed by then counts.
    private static func withoutEcho<Value>(_ body: () -> Value) -> Value {
        var old = termios()
        guard tcgetattr(STDIN_FILENO, &old) == 0 else { return body() }
        var quiet = old
        quiet.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet)
        defer { tcsetattr(STDIN_FILENO, TCSADRAIN, &old) }
        return body()
    }
}
