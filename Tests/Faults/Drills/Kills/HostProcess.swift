import Foundation
import Glibc
import Kernel
import TestSupport

/// The shipped `bureau`, unchanged, on a store of its own, with the library of fault points before it.
final class HostProcess {
    /// A hang guard, and no measure.
    private static let startSeconds = 60.0
    private static let endSeconds = 60.0

    let process: Process
    let client: LoopbackClient
    var processID: Int32 { process.processIdentifier }

    private init(_ process: Process, port: UInt16) {
        self.process = process
        client = LoopbackClient(port: port, limitSeconds: 10)
    }

    deinit { if process.isRunning { kill(processID, SIGKILL) } }

    /// Nil when its fault struck before it listened.
    static func start(_ scratch: Scratch, plugin: String, fault: String?) throws -> HostProcess? {
        let output = scratch.folder("host.out"), errors = scratch.folder("host.err")
        let process = try launch(
            scratch,
            [
                "serve", "--secure-mode", "off", "--port", "0", "--json", "--drain-seconds", "20", "--grant-all",
                "--plugins", plugin,
            ],
            output: output, errors: errors, fault: fault)
        let end = Date().addingTimeInterval(startSeconds)
        while Date() < end {
            if let line = FileManager.default.contents(atPath: output), line.last == 10,
                let address = try JSONParser.parse(Array(line))["address"]?.stringValue,
                let port = address.split(separator: ":").last.flatMap({ UInt16($0) })
            {
                return HostProcess(process, port: port)
            }
            guard process.isRunning else {
                guard process.terminationReason == .uncaughtSignal, process.terminationStatus == SIGKILL else {
                    throw SimulatedWorld.Problem("the host does not start: \(text(errors))")
                }
                return nil
            }
            usleep(2_000)
        }
        kill(process.processIdentifier, SIGKILL)
        throw SimulatedWorld.Problem("the host does not listen: \(text(errors))")
    }

    /// A command that comes to its end.
    static func run(_ scratch: Scratch, _ arguments: [String]) throws -> String {
        let output = scratch.folder("command.out"), errors = scratch.folder("command.err")
        let process = try launch(scratch, arguments, output: output, errors: errors, fault: nil)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw SimulatedWorld.Problem("bureau \(arguments.joined(separator: " ")): \(text(errors))")
        }
        return text(output)
    }

    private static func launch(
        _ scratch: Scratch, _ arguments: [String], output: String, errors: String, fault: String?
    ) throws -> Process {
        let process = Process()
        process.executableURL = Built.binary("bureau")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
        process.environment = [
            "PATH": "/usr/bin:/bin", "HOME": scratch.path, "BUREAU_STORE": scratch.folder("store"),
            "LC_ALL": "C.UTF-8", "LD_LIBRARY_PATH": ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? "",
        ]
        if let fault {
            process.environment?["LD_PRELOAD"] = Built.binary("libFaultPoints.so").path
            process.environment?["BUREAU_FAULT"] = fault
        }
        for path in [output, errors] { try Data().write(to: URL(fileURLWithPath: path)) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.runAlone()
        return process
    }

    private static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func killNow() {
        if process.isRunning { kill(processID, SIGKILL) }
        process.waitUntilExit()
    }

    var hasEndedByItself: Bool { process.terminationReason == .exit && process.terminationStatus == 0 }

    /// Where that was not by SIGKILL.
    var unexpectedEnd: String? {
        guard process.terminationReason != .uncaughtSignal || process.terminationStatus != SIGKILL else { return nil }
        return "\(process.terminationReason == .exit ? "exit code" : "signal") \(process.terminationStatus)"
    }

    func end() throws {
        process.terminate()
        guard process.waitUntilExit(upTo: Self.endSeconds) else {
            throw SimulatedWorld.Problem("the host does not end by its signal")
        }
    }

    /// Its children by their program's name.
    func children(named name: String) -> [Int32] {
        let running = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return running.compactMap(Int32.init).filter { child in
            guard let bytes = FileManager.default.contents(atPath: "/proc/\(child)/stat") else { return false }
            let stat = String(decoding: bytes, as: UTF8.self)
            guard let end = stat.lastIndex(of: ")"), stat.contains("(\(name.prefix(15)))") else { return false }
            return stat[end...].split(separator: " ").dropFirst(2).first.flatMap({ Int32($0) }) == processID
        }
    }

    var memoryBytes: Int64 {
        let statm = Self.text("/proc/\(processID)/statm").split(separator: " ")
        return (statm.count > 1 ? Int64(statm[1]) ?? 0 : 0) * Int64(getpagesize())
    }
}
