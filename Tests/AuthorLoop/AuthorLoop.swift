import Foundation
import Glibc
import Kernel
import TestSupport

/// A project of `bureau plugin new`, and `bureau plugin dev` at work on it, as an editor would drive it: lines of JSON
/// from its output, keys to its input.
final class AuthorLoop {
    /// Generous: a test that hangs must end, nothing else depends on it.
    static let limitSeconds = 120.0

    let scratch: Scratch
    let folder: String
    private var process: Process?
    private var keys: FileHandle?
    private var read = 0

    init() throws {
        scratch = try Scratch()
        folder = scratch.folder("tea-shop")
        let made = try bureau(["plugin", "new", "--lang", "c", "tea-shop"])
        try made.process.wait(Self.limitSeconds)
        guard made.process.terminationStatus == 0 else { throw Failure(.internal, "plugin new: \(made.errors)") }
    }

    deinit {
        // Of a test that failed: what it started must not outlive it.
        guard let process, process.isRunning else { return }
        for descendant in children() + [process.processIdentifier] { kill(descendant, SIGKILL) }
    }

    var source: String { "\(folder)/tea-shop.c" }
    private var output: String { scratch.folder("dev.out") }
    private var errors: String { scratch.folder("dev.err") }

    // MARK: The command

    struct Ended {
        let process: Process
        let outputFile: String
        let errorFile: String
        var output: String { (try? String(contentsOfFile: outputFile, encoding: .utf8)) ?? "" }
        var errors: String { (try? String(contentsOfFile: errorFile, encoding: .utf8)) ?? "" }
    }

    /// Starts it; its output and errors go to files.
    func bureau(
        _ arguments: [String], output: String = "other.out", input: Any = FileHandle.nullDevice,
        path: String? = nil
    ) throws -> Ended {
        let errors = output.replacingOccurrences(of: ".out", with: ".err")
        let files = [scratch.folder(output), scratch.folder(errors)]
        for file in files { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        let process = Process()
        process.executableURL = Built.binary("bureau")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
        let own = ProcessInfo.processInfo.environment
        var environment = ["PATH": path ?? "/usr/bin:/bin", "HOME": scratch.path, "LC_ALL": "C.UTF-8"]
        environment["LD_LIBRARY_PATH"] = own["LD_LIBRARY_PATH"]
        process.environment = environment
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: files[0]))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: files[1]))
        process.standardInput = input
        try process.runAlone()
        return Ended(process: process, outputFile: files[0], errorFile: files[1])
    }

    func start(_ arguments: [String] = []) throws {
        let pipe = Pipe()
        keys = pipe.fileHandleForWriting
        process = try bureau(["plugin", "dev", folder, "--json"] + arguments, output: "dev.out", input: pipe).process
    }

    func type(_ text: String) throws { try keys?.write(contentsOf: Data(text.utf8)) }

    func interrupt() { process.map { _ = kill($0.processIdentifier, SIGINT) } }

    /// - Returns: the exit code.
    func end() throws -> Int32 {
        guard let process else { return -1 }
        try process.wait(Self.limitSeconds)
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    var processID: pid_t { process?.processIdentifier ?? 0 }

    // MARK: What it tells

    /// The next event of this name; those before it are passed by.
    @discardableResult
    func event(_ name: String) throws -> JSONValue {
        let end = Date().addingTimeInterval(Self.limitSeconds)
        while Date() < end {
            let all = try events()
            while read < all.count {
                read += 1
                if all[read - 1]["event"]?.stringValue == name { return all[read - 1] }
            }
            let isOver = process?.isRunning != true
            if isOver, try read == events().count { break }
            usleep(5_000)
        }
        let errors = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
        let told = try events().map { $0.serialized() }.joined(separator: "\n")
        throw Failure(.deadline, "no event \(name); told:\n\(told)\nerrors: \(errors)")
    }

    func events() throws -> [JSONValue] {
        let text = try String(contentsOfFile: output, encoding: .utf8)
        // A line that is still being written has no end.
        return try text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map { try JSONParser.parse(Array($0.utf8)) }
    }

    // MARK: Editing

    func edit(_ old: String, _ new: String) throws {
        let text = try String(contentsOfFile: source, encoding: .utf8)
        guard text.contains(old) else { throw Failure(.notFound, "\(old) is not in the source") }
        try save(text.replacingOccurrences(of: old, with: new), to: "tea-shop.c")
    }

    func save(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    // MARK: Processes

    /// Processes that have `text` in their command line, or stand in the project's folder.
    static func processes(with text: String) -> [pid_t] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { pid_t($0) }.filter { process in
            let line = (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
            let place = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd")) ?? ""
            return line.contains(text) || place.contains(text)
        }
    }

    /// Whether all come to their end: a killed process takes a moment, and its zombie is up to whoever inherited it.
    static func allEnd(_ processes: [pid_t], withinSeconds limit: Double = 30) -> Bool {
        func isAlive(_ process: pid_t) -> Bool {
            let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            // The name before it may hold anything.
            let state = text.split(separator: ")").last?.split(separator: " ").first
            return state != nil && state != "Z" && state != "X"
        }
        let end = Date().addingTimeInterval(limit)
        while processes.contains(where: isAlive), Date() < end { usleep(5_000) }
        return !processes.contains(where: isAlive)
    }

    /// Descendants of the loop, whatever they are called.
    func children() -> [pid_t] {
        var found: [pid_t] = []
        var open = [processID]
        while let parent = open.popLast() {
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(parent)/task")) ?? []
            for thread in threads {
                let path = "/proc/\(parent)/task/\(thread)/children"
                let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
                let next = text.split(separator: " ").compactMap { pid_t($0) }
                found += next
                open += next
            }
        }
        return found
    }
}

extension Process {
    func wait(_ seconds: Double) throws {
        guard waitUntilExit(upTo: seconds) else {
            kill(processIdentifier, SIGKILL)
            throw Failure(.deadline, "\(arguments ?? []) did not end")
        }
    }
}
