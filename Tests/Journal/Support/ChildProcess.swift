import Foundation
import TestSupport

/// A real process, with its standard output in a pipe.
final class ChildProcess {
    private let process = Process()
    private let output = Pipe()

    init(_ path: String, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = output
        try process.runAlone()
    }

    /// The test executable that stands beside this test bundle.
    ///
    /// - Parameter fileBlocks: a limit on the size of each file it writes, as `ulimit -f` counts.
    static func writer(_ arguments: [String], fileBlocks: Int? = nil) throws -> ChildProcess {
        let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        var folders = [URL(fileURLWithPath: bundle).deletingLastPathComponent().path]
        // Where the bundle is a library that a helper loads, the arguments name it.
        folders += CommandLine.arguments.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
        let path = folders.map { $0 + "/JournalWriter" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        let writer = try path.orFail("JournalWriter is not beside the tests in \(folders)")
        guard let fileBlocks else { return try ChildProcess(writer, arguments) }
        let limited = "trap '' XFSZ; ulimit -f \(fileBlocks); exec \"$0\" \"$@\""
        return try ChildProcess("/bin/sh", ["-c", limited, writer] + arguments)
    }

    /// Blocks until the child has written so many lines, or ended.
    func lines(_ count: Int) -> [String] {
        var data = Data()
        while data.count(where: { $0 == 10 }) < count {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            data.append(more)
        }
        return Self.complete(data)
    }

    /// Blocks until the child has closed its output and ended.
    func remainingLines() -> [String] {
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Self.complete(data)
    }

    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    var identifier: Int32 { process.processIdentifier }

    /// A line that was cut by the kill was not acknowledged in full.
    private static func complete(_ data: Data) -> [String] {
        String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map(String.init)
    }
}
