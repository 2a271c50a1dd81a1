package import Kernel
import Subprocess
import SystemPackage

/// Takes a program's output piece by piece.
package protocol OutputSink: Sendable {
    /// False: enough; the program is then killed, which is not an error.
    mutating func append(_ chunk: UnsafeRawBufferPointer) -> Bool
}

/// Keeps output up to a limit.
package struct ByteSink: OutputSink {
    package let limit: Int
    package private(set) var bytes: [UInt8] = []
    package private(set) var isTruncated = false

    package init(limit: Int) { self.limit = limit }

    package mutating func append(_ chunk: UnsafeRawBufferPointer) -> Bool {
        let room = limit - bytes.count
        bytes.append(contentsOf: chunk.prefix(room))
        isTruncated = chunk.count > room
        return !isTruncated
    }
}

/// One program with a fixed argument vector: never a shell, nothing inherited from the host's environment, a session
/// of its own that is killed as a whole when the time is up or the caller is cancelled.
package struct Command: Sendable {
    package var executable: String
    package var arguments: [String]
    package var environment: [String: String]
    package var input: [UInt8]
    package var timeLimitMilliseconds: Int

    package init(
        executable: String, arguments: [String], environment: [String: String] = [:], input: [UInt8] = [],
        timeLimitMilliseconds: Int
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.input = input
        self.timeLimitMilliseconds = timeLimitMilliseconds
    }

    private enum Outcome<Sink: Sendable>: Sendable {
        case ended(Sink, status: TerminationStatus, error: String, stopped: Bool)
        case outOfTime
    }

    /// Feeds standard output to `sink` and returns it. A non-zero exit is an `io` failure that carries the first
    /// line of standard error.
    package func run<Sink: OutputSink>(_ sink: Sink) async throws(Failure) -> Sink {
        let outcome: Outcome<Sink>
        do {
            outcome = try await withThrowingTaskGroup(of: Outcome<Sink>.self) { group in
                group.addTask { try await execute(sink) }
                group.addTask {
                    try await Task.sleep(for: .milliseconds(timeLimitMilliseconds))
                    return .outOfTime
                }
                defer { group.cancelAll() }
                guard let first = try await group.next() else { throw CancellationError() }
                return first
            }
        } catch {
            throw failure(for: error)
        }
        guard case .ended(let filled, let status, let message, let stopped) = outcome else {
            throw Failure(.deadline, "\(executable) took longer than \(timeLimitMilliseconds) ms and was ended")
        }
        if stopped || status.isSuccess { return filled }
        if Task.isCancelled { throw Failure(.cancelled, "\(executable) was ended: the call was cancelled") }
        let line = message.split(separator: "\n").first.map(String.init) ?? "no message"
        throw Failure(.io, "\(executable) ended with \(status): \(line)")
    }

    private func execute<Sink: OutputSink>(_ sink: Sink) async throws -> Outcome<Sink> {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(100))
        ]
        let keyed = Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })
        let result = try await Subprocess.run(
            .path(FilePath(executable)), arguments: Arguments(arguments), environment: .custom(keyed),
            platformOptions: options, input: .array(input), output: .sequence, error: .string(limit: 1 << 20)
        ) { execution in
            var sink = sink
            for try await chunk in execution.standardOutput
            where !chunk.withUnsafeBytes({ sink.append($0) }) {
                try? execution.send(signal: .kill, toProcessGroup: true)
                return (sink, true)
            }
            return (sink, false)
        }
        let (filled, stopped) = result.closureResult
        return .ended(filled, status: result.terminationStatus, error: result.standardError, stopped: stopped)
    }

    private func failure(for error: any Error) -> Failure {
        if error is CancellationError || Task.isCancelled {
            return Failure(.cancelled, "\(executable) was ended: the call was cancelled")
        }
        if let error = error as? SubprocessError, error.code == .executableNotFound {
            return Failure(.io, "\(executable) is not installed; install it or name another path in the tool settings")
        }
        return Failure(.io, "\(executable) cannot be run: \(error)")
    }
}
