import Foundation
import TestSupport
import Glibc

/// Compiles the C plugins of this folder, each once, with the compiler of the machine.
enum PluginCompiler {
    private static let folder: String = {
        var template = Array("/tmp/bureau-placement-tests-XXXXXX".utf8CString)
        guard let path = mkdtemp(&template) else { fatalError("no temporary folder") }
        return String(cString: path)
    }()

    private static let lock = NSLock()
    // Read and written in `library` only, which holds `lock` from its first line to its return.
    nonisolated(unsafe) private static var compiled: [String: String] = [:]

    /// - Parameter source: relative to this folder, e.g. `Plugins/echo.c`.
    /// - Returns: the path of the shared library.
    static func library(_ source: String) throws -> String {
        lock.lock()
        defer { lock.unlock() }
        return try build(source, named: nil, ["-shared", "-fPIC"])
    }

    /// A program, with macros that are part of its name.
    static func program(_ source: String, named name: String, macros: [String]) throws -> String {
        lock.lock()
        defer { lock.unlock() }
        return try build(source, named: name, macros.map { "-D\($0)" })
    }

    private static func build(_ source: String, named name: String?, _ options: [String]) throws -> String {
        let key = source + (name ?? "")
        if let known = compiled[key] { return known }
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let headers = here.appendingPathComponent("../../PluginAPI/CBureau/include").standardizedFileURL.path
        let stem = URL(fileURLWithPath: source).deletingPathExtension().lastPathComponent
        let output = "\(folder)/\(name ?? stem + ".so")"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [
                "cc", "-std=gnu11", "-O1", "-I", headers,
            ] + options + [here.appendingPathComponent(source).path, "-o", output]
        try process.runAlone()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CompilerFailure(source: source) }
        compiled[key] = output
        return output
    }

    /// A file with these bytes.
    static func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = "\(folder)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    static func bytes(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

    /// `bureau-worker`, which the package manager builds into the folder of the test bundle.
    static var workerPath: String {
        let candidates =
            [CommandLine.arguments[0]] + CommandLine.arguments.dropFirst().filter { $0.hasSuffix(".xctest") }
        var folders = candidates.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        if let itself = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            folders.append(URL(fileURLWithPath: itself).deletingLastPathComponent())
        }
        let paths = folders.flatMap {
            [$0.appendingPathComponent("BureauWorker"), $0.appendingPathComponent("bureau-worker")]
        }
        return paths.map(\.path).first { FileManager.default.isExecutableFile(atPath: $0) } ?? "bureau-worker not built"
    }
}

struct CompilerFailure: Error { let source: String }
