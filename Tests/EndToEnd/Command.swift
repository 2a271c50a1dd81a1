import Foundation
import Kernel
import TestSupport

/// The real `bureau`, as a process of its own.
struct Command {
    struct Result {
        var status: Int32
        var output: String
        var errors: String

        /// The output as one JSON document, read strictly.
        func json() throws -> JSONValue { try JSONParser.parse(Array(output.utf8)) }
        var errorLines: [Substring] { errors.split(separator: "\n") }
    }

    /// Generous: a test that hangs must end, nothing else depends on it.
    static let limitSeconds = 300.0

    let scratch: Scratch
    let environment: [String: String]

    init(environment: [String: String] = [:]) throws {
        scratch = try Scratch()
        self.environment = environment
    }

    var store: String { scratch.folder("store") }

    func callAsFunction(
        _ arguments: String..., input: String? = nil, plugins: [String] = [], environment extra: [String: String] = [:]
    ) throws -> Result {
        let result = try run(arguments + plugins.flatMap { ["--plugins", $0] }, input: input, environment: extra)
        guard arguments.prefix(2) == ["audit", "verify"], result.status == 0 else { return result }
        // Wherever a journey ends with a sound log, every leaf of it follows the schema of its type.
        let checked = try run(
            ["audit", "schema", "--check"] + arguments.drop { $0 != "--store" }.prefix(2), environment: extra)
        return checked.status == 0 ? result : checked
    }

    func run(
        _ arguments: [String], input: String? = nil, environment extra: [String: String] = [:],
        program: String = Built.binary("bureau").path
    ) throws -> Result {
        let process = try start(arguments, input: input, environment: extra, program: program)
        guard process.process.waitUntilExit(upTo: Self.limitSeconds) else {
            process.process.terminate()
            throw Failure(.deadline, "bureau \(arguments.joined(separator: " ")) did not end")
        }
        return process.result
    }

    /// Files instead of pipes: no reader is needed, and nothing can fill up.
    func start(
        _ arguments: [String], input: String? = nil, environment extra: [String: String] = [:],
        program: String = Built.binary("bureau").path
    ) throws -> Started {
        let name = UUID().uuidString
        let (output, errors) = (scratch.folder(name + ".out"), scratch.folder(name + ".err"))
        for path in [output, errors] { FileManager.default.createFile(atPath: path, contents: nil) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
        var values = ["PATH": "/usr/bin:/bin", "HOME": scratch.path, "BUREAU_STORE": store, "LC_ALL": "C.UTF-8"]
        for name in ["LD_LIBRARY_PATH"] { values[name] = ProcessInfo.processInfo.environment[name] }
        process.environment = values.merging(environment) { $1 }.merging(extra) { $1 }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        if let input {
            let path = try scratch.write(Array(input.utf8), to: name + ".in")
            process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        try process.runAlone()
        return Started(process: process, output: output, errors: errors)
    }
}

struct Started {
    let process: Process
    let output: String
    let errors: String

    var result: Command.Result {
        Command.Result(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: text(output), errors: text(errors))
    }

    /// Waits for a line of the output that has `part` in it.
    func line(with part: String) throws -> String {
        let end = Date().addingTimeInterval(Command.limitSeconds)
        while Date() < end {
            // A line that is still being written has no end.
            let lines = text(output).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            if let line = lines.first(where: { $0.contains(part) }) { return String(line) }
            if !process.isRunning { break }
            usleep(5_000)
        }
        throw Failure(.deadline, "no line with \"\(part)\"; errors: \(text(errors))")
    }

    /// What it said so far, while it runs.
    var errorsSoFar: String { text(errors) }

    private func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// Plugins that the tests compile themselves, against the shipped headers.
enum CompiledPlugin {
    static let desk = Swift.Result { try build("desk") }

    static func build(_ source: String, _ defines: String...) throws -> String { try build(source, defines) }

    static func build(_ source: String, _ defines: [String]) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Plugins")
        let target = keeper.folder("lib\(source)-\(UUID()).so")
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments =
            [
                "cc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-fPIC", "-shared", "-fvisibility=hidden", "-I",
                Built.checkout.appendingPathComponent("PluginAPI/CBureau/include").path,
            ] + defines.map { "-D" + $0 }
            + [folder.appendingPathComponent(source + ".c").path, "-pthread", "-Wl,-z,nodelete", "-o", target]
        try compiler.runAlone()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw Failure(.internal, "cc could not build \(source).c") }
        return target
    }

    private static let keeper: Scratch = {
        do { return try Scratch() } catch { preconditionFailure("no temporary folder: \(error)") }
    }()
}
