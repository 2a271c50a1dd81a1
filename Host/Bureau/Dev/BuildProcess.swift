import Glibc
import Placement
import Synchronization

/// One build: the author's command in the project's folder, in a process group of its own, which ends whole.
final class BuildProcess: Sendable {
    enum Ending: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
    }

    enum Piece: Sendable {
        /// Standard output and standard error, as they came.
        case line(String)
        case ended(Ending)
    }

    private static let graceMilliseconds: UInt64 = 1_000
    private static let tickMilliseconds: Int32 = 50
    private static let maximumLineBytes = 8 << 10

    private struct State {
        /// No longer: its number may be another's.
        var isAlive = true
        var killAt: UInt64?
    }

    /// Ends with `ended`.
    let pieces: AsyncStream<Piece>

    private let told: AsyncStream<Piece>.Continuation
    private let process: pid_t
    private let output: Int32
    private let state = Mutex(State())

    init(_ command: [String], folder: String) throws(CommandFailure) {
        (pieces, told) = AsyncStream.makeStream(of: Piece.self)
        let (reader, writer) = try OneWay.pipe()
        output = reader
        defer { close(writer) }
        _ = fcntl(reader, F_SETFL, O_NONBLOCK)
        do {
            process = try Self.spawn(command, folder: folder, output: writer)
        } catch {
            close(reader)
            throw error
        }
        guard OSThread.start(name: "build", { [self] in run() }) else {
            kill(-process, SIGKILL)
            waitpid(process, nil, 0)
            close(reader)
            throw CommandFailure(.internal, "no thread for the build")
        }
    }

    /// Ends the build and what it started: asked first, so that make removes what it half wrote.
    func cancel() {
        state.withLock { state in
            guard state.isAlive, state.killAt == nil else { return }
            state.killAt = Monotonic.milliseconds() + Self.graceMilliseconds
            kill(-process, SIGTERM)
        }
    }

    // MARK: Starting

    /// Through `sh`, because POSIX cannot start a program in another folder.
    private static func spawn(
        _ command: [String], folder: String, output: Int32
    ) throws(CommandFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))
        posix_spawnattr_setpgroup(&attributes, 0)
        // This command ignores them to handle them itself; a build must not.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        posix_spawnattr_setsigmask(&attributes, &defaults)
        for number in [SIGINT, SIGTERM, SIGPIPE] { sigaddset(&defaults, number) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        let words = ["sh", "-c", #"cd "$1" && shift && exec "$@""#, "sh", folder] + command
        var process = pid_t()
        let error = withCStrings(words) { words in
            withCStrings(environment()) { posix_spawn(&process, "/bin/sh", &actions, &attributes, words, $0) }
        }
        guard error == 0 else {
            throw CommandFailure(.internal, "/bin/sh: \(String(cString: strerror(error)))")
        }
        return process
    }

    /// This command's own, as it was started.
    private static func environment() -> [String] {
        guard case .success(let bytes) = FilePath.read("/proc/self/environ", maximumBytes: 8 << 20) else { return [] }
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func withCStrings<Value>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let pointers = texts.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        return body(pointers + [nil])
    }

    // MARK: Its thread

    private func run() {
        var lines = LineSplitter(maximumBytes: Self.maximumLineBytes)
        var isOpen = true
        while true {
            if isOpen {
                var source = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
                _ = poll(&source, 1, Self.tickMilliseconds)
                isOpen = read(into: &lines)
            } else {
                // It closed its output before its end.
                usleep(1_000)
            }
            if hasEnded { break }
            escalate()
        }
        let ending = reap()
        // What left the group may hold the pipe: what is in it is read, its end is not waited for.
        if isOpen { _ = read(into: &lines) }
        close(output)
        if let last = lines.finish() { told.yield(.line(last)) }
        told.yield(.ended(ending))
        told.finish()
    }

    /// - Returns: false at the end of the output.
    private func read(into lines: inout LineSplitter) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(output, &buffer, buffer.count)
            if count == 0 { return false }
            guard count > 0 else { return errno == EAGAIN || errno == EINTR }
            for line in lines.add(buffer[..<count]) { told.yield(.line(line)) }
        }
    }

    /// The ended process stays a zombie, so that its group keeps its number.
    private var hasEnded: Bool {
        var information = siginfo_t()
        let options = WEXITED | WNOWAIT | WNOHANG
        guard waitid(P_PID, id_t(process), &information, options) == 0 else { return errno == ECHILD }
        return information.si_signo == SIGCHLD
    }

    private func escalate() {
        state.withLock { state in
            guard let time = state.killAt, Monotonic.milliseconds() >= time else { return }
            kill(-process, SIGKILL)
        }
    }

    /// Ends what the build left in its group, then the zombie.
    private func reap() -> Ending {
        state.withLock { state in
            state.isAlive = false
            kill(-process, SIGKILL)
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
        }
    }
}

/// Bytes to lines. A carriage return ends a line too: that is how progress is drawn.
struct LineSplitter {
    let maximumBytes: Int
    private var rest: [UInt8] = []

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    mutating func add(_ bytes: ArraySlice<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if !rest.isEmpty || byte == UInt8(ascii: "\n") { lines.append(String(decoding: rest, as: UTF8.self)) }
                rest.removeAll(keepingCapacity: true)
            } else if rest.count < maximumBytes {
                rest.append(byte)
            }
        }
        return lines
    }

    mutating func finish() -> String? { rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self) }
}
