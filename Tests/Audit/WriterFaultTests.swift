import Audit
import Foundation
import Journal
import Kernel
import TestSupport
import Testing

/// The journal's writer as a real process, in which one system call on a file of the store fails, or is its last:
/// every call that a clean run makes, each with each fault that fits it.
///
/// A test run takes a sample by its seed, at least one of each call and fault; `BUREAU_FAULT_RUNS=all` takes them all.
/// strace cannot make a call write less than it was asked to (what it returns instead would be a lie about the bytes);
/// torn writes are in the crash images of `Tests/Faults`.
@Suite("Faults at the system calls of the writer", .serialized)
struct WriterFaultTests {
    private static let writes = 12
    private static let sample = 90

    /// What may go wrong with a call, as strace says it.
    private static let faults: [String: [String]] = [
        "pwrite64": ["error=EIO", "error=ENOSPC", "error=EINTR", "signal=KILL"],
        "fdatasync": ["error=EIO", "error=ENOSPC", "signal=KILL"], "fsync": ["error=EIO", "signal=KILL"],
        "ftruncate": ["error=EIO", "error=ENOSPC", "signal=KILL"], "fallocate": ["error=ENOSPC", "signal=KILL"],
        "pread64": ["error=EIO", "error=EINTR", "signal=KILL"],
        "openat": ["error=EIO", "error=ENOSPC", "error=EMFILE", "signal=KILL"],
        "unlink": ["error=EIO", "signal=KILL"], "rename": ["error=EIO", "error=ENOSPC", "signal=KILL"],
        "fcntl": ["error=EIO", "signal=KILL"], "flock": ["error=EIO", "error=EINTR", "signal=KILL"],
        "newfstatat": ["error=EIO", "signal=KILL"], "mmap": ["error=ENOMEM", "signal=KILL"],
        "mkdir": ["error=EIO", "error=ENOSPC"], "statfs": ["error=EIO"], "fchown": ["error=EIO"],
    ]

    /// After a failure of these nothing may be acknowledged until a restart: what they wrote is unknown.
    private static let fatal: Set = ["pwrite64", "fdatasync", "fsync", "ftruncate"]

    private struct Point: Hashable, CustomStringConvertible {
        var call: String
        var fault: String
        var number: Int

        var description: String { "\(call):\(fault):when=\(number)" }
    }

    @Test(
        "nothing acknowledged is lost, the log verifies, and what fails is not acknowledged", .timeLimit(.minutes(10)))
    func sweep() async throws {
        let counts = try cleanRun()
        #expect((counts["pwrite64"] ?? 0) > Self.writes && (counts["fdatasync"] ?? 0) >= Self.writes, "\(counts)")
        let seed = TestSeed.next()
        let points = points(counts, seed: seed)
        var injected = 0
        for point in points {
            if try await isInjected(point, seed: seed) { injected += 1 }
        }
        // The kernel decides how often some calls are made; nearly all points must be reached.
        #expect(injected * 10 >= points.count * 9, "\(injected) of \(points.count), seed \(seed)")
    }

    /// In an order by the seed, each call and fault once before any comes again.
    private func points(_ counts: [String: Int], seed: UInt64) -> [Point] {
        var random = SplitMix64(seed: seed)
        var rounds: [[Point]] = []
        for (call, count) in counts.sorted(by: { $0.key < $1.key }) {
            for fault in Self.faults[call] ?? [] {
                let numbers = (1...count).shuffled(using: &random)
                for (round, number) in numbers.enumerated() {
                    if rounds.count == round { rounds.append([]) }
                    rounds[round].append(Point(call: call, fault: fault, number: number))
                }
            }
        }
        let all = rounds.flatMap { $0.shuffled(using: &random) }
        let wish = ProcessInfo.processInfo.environment["BUREAU_FAULT_RUNS"]
        return wish == "all" ? all : Array(all.prefix(wish.flatMap { Int($0) } ?? Self.sample))
    }

    // MARK: One run

    private struct Ended {
        var lines: [String]
        var status: Int32
        var trace: String
    }

    /// How often each call is made by the thread that makes it most: strace counts for each thread by itself.
    private func cleanRun() throws -> [String: Int] {
        let scratch = try Scratch()
        let ended = try run(scratch, inject: nil)
        try #require(ended.status == 0 && ended.lines.count == Self.writes, "\(ended.lines) \(ended.trace.suffix(500))")
        var counts: [String: [Substring: Int]] = [:]
        for line in ended.trace.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2 else { continue }
            let name = String(words[1].drop { $0 == " " }.prefix { $0 != "(" })
            if Self.faults[name] != nil { counts[name, default: [:]][words[0], default: 0] += 1 }
        }
        return counts.compactMapValues { $0.values.max() }
    }

    private func isInjected(_ point: Point, seed: UInt64) async throws -> Bool {
        let scratch = try Scratch()
        let ended = try run(scratch, inject: point)
        let note: Comment = "\(point), seed \(seed): \(ended.lines)"
        let refusal = ended.lines.firstIndex { $0.hasPrefix("refused") }
        let acknowledged = ended.lines.filter { !$0.hasPrefix("refused") }
        if ended.status == 0 { #expect(acknowledged.count == Self.writes, note) }
        if let refusal {
            #expect(ended.status != 0, note)
            if Self.fatal.contains(point.call), point.fault == "error=EIO" {
                #expect(!ended.lines[refusal...].contains { !$0.hasPrefix("refused") }, note)
            }
        }
        try await expectKept(acknowledged, scratch.folder("store"), note)
        return ended.trace.contains("INJECTED") || ended.trace.contains("killed by SIGKILL")
    }

    /// The next host has all that was acknowledged, in a log that goes on from what was promised.
    private func expectKept(_ acknowledged: [String], _ store: String, _ note: Comment) async throws {
        if acknowledged.isEmpty, !FileManager.default.fileExists(atPath: store + "/journal.sqlite") { return }
        let journal = try await SampleStore.open(store)
        let promised = acknowledged.last { $0.contains(" ") }.flatMap { line -> CheckpointNote? in
            let parts = line.split(separator: " ").map(String.init)
            guard parts.count == 3, let size = Int64(parts[1]), let root = Digest(hex: parts[2]) else { return nil }
            return CheckpointNote(origin: SampleStore.origin, size: size, root: root)
        }
        let report = try await AuditVerifier.verify(journal, outside: promised)
        #expect(report.problems == [], note)
        for line in acknowledged {
            let id = try #require(RunID(String(line.prefix { $0 != " " })), note)
            let run = try await journal.read { journal throws(JournalError) in try journal.run(id) }
            #expect(run != nil, note)
        }
        await journal.close()
    }

    private func run(_ scratch: Scratch, inject point: Point?) throws -> Ended {
        let store = scratch.folder("store"), trace = scratch.folder("trace"), output = scratch.folder("output")
        let files = ["", "/journal.sqlite", "/journal.sqlite-wal", "/journal.sqlite-shm", "/journal.lock"]
        var arguments = ["-f", "-qq", "-o", trace]
        arguments += files.flatMap { ["-P", store + $0] }
        if let point {
            arguments += [
                "-e", "trace=\(point.call)", "-e", "inject=\(point.call):\(point.fault):when=\(point.number)",
            ]
        } else {
            arguments += ["-e", "trace=" + Self.faults.keys.sorted().joined(separator: ",")]
        }
        FileManager.default.createFile(atPath: output, contents: nil)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/strace")
        process.arguments = arguments + [Built.binary("JournalWriter").path, store, "count", "\(Self.writes)"]
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = FileHandle.nullDevice
        try process.runAlone()
        guard process.waitUntilExit(upTo: 60) else {
            kill(process.processIdentifier, SIGKILL)
            throw Hung(point: "\(String(describing: point))")
        }
        // A line that was cut by the kill was not acknowledged in full.
        let lines = try String(contentsOfFile: output, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        return Ended(
            lines: lines, status: process.terminationStatus, trace: try String(contentsOfFile: trace, encoding: .utf8))
    }

    private struct Hung: Error { let point: String }
}
