import Audit
import Foundation
import Journal
import Kernel
import TestSupport
import Testing

/// Programs of others, and whether they can run here.
enum Checker {
    static let folder = Built.checkout.appendingPathComponent("Tests/Audit/Checkers")

    /// A Python of 3.12 or newer; nil when there is none.
    static let python: String? = {
        let named = ["python3.14", "python3.13", "python3.12", "python3"].flatMap { name in
            (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
        }
        let versions = NSHomeDirectory() + "/.pyenv/versions"
        let kept = ((try? FileManager.default.contentsOfDirectory(atPath: versions)) ?? []).sorted(by: >)
            .map { "\(versions)/\($0)/bin/python3" }
        return (named + kept).first { path in
            guard FileManager.default.isExecutableFile(atPath: path) else { return false }
            return (try? run(path, ["-c", "import sys; sys.exit(sys.version_info < (3, 12))"]).status) == 0
        }
    }()

    static let hasGo =
        FileManager.default.isExecutableFile(atPath: "/usr/bin/go")
        && FileManager.default.fileExists(atPath: "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")

    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String, errors: String) {
        let scratch = try Scratch()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let names = ["out", "err"].map(scratch.folder)
        for name in names { FileManager.default.createFile(atPath: name, contents: nil) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: names[0]))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: names[1]))
        try process.runAlone()
        guard process.waitUntilExit(upTo: 300) else {
            process.terminate()
            throw Failure(.deadline, "\(program) did not end")
        }
        let texts = try names.map { try String(contentsOfFile: $0, encoding: .utf8) }
        return (process.terminationStatus, texts[0], texts[1])
    }
}

@Suite("The log before code of others", .serialized)
struct IndependentTests {
    /// Made once: 100,000 leaves, published in three steps.
    private static let large = Task { () throws -> (store: PublishedStore, older: String) in
        let store = try await PublishedStore(leaves: 30_001)
        let older = store.scratch.folder("older")
        try FileManager.default.copyItem(atPath: store.path("checkpoint"), toPath: older)
        try await store.add(39_999)
        try await store.publish()
        try await store.add(30_000)
        try await store.publish()
        return (store, older)
    }

    @Test(
        "aics-tlog and pymerkle accept a log of 100,000 leaves, and refuse it with one byte altered",
        .enabled(if: Checker.python != nil, "there is no Python 3.12 or newer, which aics-tlog needs"))
    func python() async throws {
        let (store, older) = try await Self.large.value
        let python = try #require(Checker.python), script = Checker.folder.appendingPathComponent("check_log.py").path
        let arguments = [script, store.place.folder, try store.keys()[0].description, older]
        let sound = try Checker.run(python, arguments)
        #expect(sound.output == "100000\n", "\(sound.errors)")
        let small = try await PublishedStore(leaves: 700)
        try small.flip(small.path("tile/entries/001"), at: 500)
        let unsound = try Checker.run(python, [script, small.place.folder, try small.keys()[0].description])
        #expect(unsound.status != 0 && unsound.errors.contains("TileVerificationError"), "\(unsound.errors)")
    }

    @Test(
        "Go's sumdb accepts a log of 100,000 leaves, and refuses it with one byte altered",
        .enabled(if: Checker.hasGo, "Debian's golang-go and golang-golang-x-mod-dev are not installed"))
    func go() async throws {
        let (store, _) = try await Self.large.value
        let program = store.scratch.folder("check_log")
        let environment = [
            "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "", "CGO_ENABLED": "0",
            "GOCACHE": store.scratch.folder("go-cache"),
        ]
        let built = try Checker.run(
            "/usr/bin/go", ["build", "-o", program, Checker.folder.appendingPathComponent("check_log.go").path],
            environment: environment)
        try #require(built.status == 0, "\(built.errors)")
        let sound = try Checker.run(program, [store.place.folder, try store.keys()[0].description])
        #expect(sound.output == "100000\n", "\(sound.errors)")
        let small = try await PublishedStore(leaves: 700)
        try small.flip(small.path("tile/0/001"), at: 500)
        let unsound = try Checker.run(program, [small.place.folder, try small.keys()[0].description])
        #expect(unsound.status != 0, "\(unsound.output)")
    }
}
