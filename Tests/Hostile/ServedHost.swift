import Foundation
import Glibc
import Kernel
import TestSupport

/// The real `bureau serve` as an operator installs it, with plugins that nobody vouches for among its own.
final class ServedHost: Sendable {
    private let scratch: Scratch
    private let process: Process
    let client: LoopbackClient

    /// Hang guards.
    private static let startSeconds = 120.0
    private static let endSeconds = 60.0

    /// - Parameter fill: puts files into the folder of plugins.
    init(_ fill: (_ plugins: String, _ scratch: Scratch) throws -> Void) throws {
        scratch = try Scratch()
        let files = FileManager.default
        for folder in ["bin", "lib/bureau/plugins"] {
            try files.createDirectory(atPath: scratch.folder(folder), withIntermediateDirectories: true)
        }
        for name in ["bureau", "bureau-worker"] {
            try files.copyItem(atPath: Built.binary(name).path, toPath: scratch.folder("bin/\(name)"))
        }
        try fill(scratch.folder("lib/bureau/plugins"), scratch)
        process = Process()
        process.executableURL = URL(fileURLWithPath: scratch.folder("bin/bureau"))
        process.arguments = [
            "serve", "--secure-mode", "off", "--port", "0", "--json", "--drain-seconds", "1", "--grant-all",
        ]
        process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
        process.environment = [
            "PATH": "/usr/bin:/bin", "HOME": scratch.path, "BUREAU_STORE": scratch.folder("store"),
            "LC_ALL": "C.UTF-8", "LD_LIBRARY_PATH": ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? "",
        ]
        for name in ["out", "err"] { try scratch.write([], to: name) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.folder("out")))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.folder("err")))
        try process.runAlone()
        client = LoopbackClient(port: try Self.port(process, scratch))
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    private static func port(_ process: Process, _ scratch: Scratch) throws -> UInt16 {
        let end = Date().addingTimeInterval(startSeconds)
        while process.isRunning, Date() < end {
            let output = try Data(contentsOf: URL(fileURLWithPath: scratch.folder("out")))
            if output.last == 10, let address = try JSONParser.parse(Array(output))["address"]?.stringValue,
                let port = address.split(separator: ":").last.flatMap({ UInt16($0) })
            {
                return port
            }
            usleep(10_000)
        }
        let errors = try String(contentsOfFile: scratch.folder("err"), encoding: .utf8)
        throw Failure(.deadline, "bureau serve does not listen: \(errors)")
    }

    /// All that it printed so far.
    func printed() throws -> String {
        try ["out", "err"].map { try String(contentsOfFile: scratch.folder($0), encoding: .utf8) }.joined()
    }

    var isRunning: Bool { process.isRunning }

    func descriptorCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.processIdentifier)/fd").count
    }

    /// Processes that were started from its folder: itself and its workers, whoever is their parent.
    func processes() -> [String] {
        let running = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return running.filter { name in
            guard Int32(name) != nil, let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
                return false
            }
            return String(decoding: line, as: UTF8.self).hasPrefix(scratch.folder("bin"))
        }
    }

    /// - Returns: the exit code; -1 when it had to be killed.
    func stop() -> Int32 {
        process.terminate()
        guard process.waitUntilExit(upTo: Self.endSeconds) else {
            kill(process.processIdentifier, SIGKILL)
            return -1
        }
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    func auditIsSound() throws -> Bool {
        let audit = Process()
        audit.executableURL = process.executableURL
        audit.arguments = ["audit", "verify"]
        audit.environment = process.environment
        audit.standardOutput = FileHandle.nullDevice
        try audit.runAlone()
        audit.waitUntilExit()
        return audit.terminationStatus == 0
    }
}

extension ServedHost {
    /// - Returns: the job's id.
    func submit(_ department: String, _ task: String, budget: String? = nil) throws -> String {
        var body: [String: JSONValue] = ["task": .string(task)]
        if let budget { body["budget"] = .string(budget) }
        let response = try client.post("/agents/\(department)/execute", .object(body))
        guard response.status == 202, let id = try response.json()["job_id"]?.stringValue else {
            throw Failure(
                .io, "\(department)/\(task): \(response.status) \(String(decoding: response.body, as: UTF8.self))")
        }
        return id
    }

    /// The department's jobs, newest first, without inputs and outputs.
    func jobs(of department: String) throws -> [JSONValue] {
        try client.get("/jobs?department=\(department)&limit=200").json()["jobs"]?.arrayValue ?? []
    }

    func job(_ id: String, of department: String) throws -> JSONValue? {
        try jobs(of: department).first { $0["id"]?.stringValue == id }
    }

    /// Waits for the end of a job.
    func ended(_ id: String, of department: String) throws -> JSONValue {
        let terminal: Set<JSONValue> = ["done", "failed", "cancelled", "dead", "paused"]
        let end = Date().addingTimeInterval(Self.endSeconds)
        while Date() < end {
            if let job = try job(id, of: department), let status = job["status"], terminal.contains(status) {
                return job
            }
            usleep(20_000)
        }
        throw Failure(
            .deadline, "\(department): job \(id) does not end: \(String(describing: try job(id, of: department)))")
    }
}
