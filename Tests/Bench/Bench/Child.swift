import Foundation

/// A program beside the bench; ends with it.
final class Child {
    private let process = Process()
    private let output = Pipe()

    init(_ program: String, _ arguments: [String], _ environment: [String: String]) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": Self.libraries]
            .merging(environment) { $1 }
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    private static var libraries: String { ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? "" }

    /// All it wrote, when it ended well.
    static func output(
        of program: String, _ arguments: [String], _ environment: [String: String]
    ) throws -> String {
        let child = try Child(program, arguments, environment)
        let text = String(decoding: child.output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        child.process.waitUntilExit()
        guard child.process.terminationStatus == 0 else {
            throw Bench.Failed(text: "\(program) \(arguments.joined(separator: " ")) failed: \(text)")
        }
        return text
    }

    func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/statm", encoding: .utf8)
        guard let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw Bench.Failed(text: "the program has ended")
        }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    func firstLine() throws -> String {
        var text = ""
        while !text.contains("\n") {
            let piece = output.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw Bench.Failed(text: "the program ended: \(text)") }
            text += String(decoding: piece, as: UTF8.self)
        }
        return text.split(separator: "\n").first.map(String.init) ?? ""
    }

    /// By SIGTERM, and SIGKILL where that does not help.
    func end() {
        guard process.isRunning else { return }
        process.terminate()
        let end = Date().addingTimeInterval(15)
        while process.isRunning, Date() < end { usleep(10_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }
}
