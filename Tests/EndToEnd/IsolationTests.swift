import Foundation
import Kernel
import TestSupport
import Testing

/// What an operator sees of how plugins are confined. Which level this machine gives is not asserted: it must be the
/// same everywhere, and nothing may be missing in silence.
@Suite("Isolation, by the real command")
struct IsolationTests {
    private let command: Command
    private let desk: String

    init() throws {
        command = try Command()
        desk = try CompiledPlugin.desk.get()
    }

    private func department(_ arguments: String...) throws -> JSONValue {
        try command.run(["departments", "show", "desk", "--json", "--plugins", desk] + arguments).json()
    }

    @Test("one level, shown by every command that looks, with what lacks")
    func shown() throws {
        let isolation = try #require(try department()["isolation"])
        let level = try #require(isolation["level"]?.stringValue)
        #expect(["standard", "strict"].contains(level))
        #expect((level == "strict") == (isolation["missing"]?.arrayValue?.isEmpty == true), "\(isolation)")
        let listed = try command("departments", "list", "--json", plugins: [desk]).json()
        #expect(listed["departments"]?.arrayValue?.first?["isolation"] == isolation)
        #expect(try command("departments", "show", "desk", plugins: [desk]).output.contains("isolation \(level)"))

        _ = try command("run", "desk/echo", "--input", #"{"text":"hello","count":3}"#, plugins: [desk])
        let status = try command("status", "--json", plugins: [desk]).json()
        #expect(status["isolation"] == isolation)
        #expect(status["minimum_isolation"] == "standard")
    }

    @Test("inline is no isolation, and says so")
    func inline() throws {
        #expect(try department("--placement", "inline")["isolation"] == ["level": "none"])
    }

    @Test("a worker's start is in the audit log with its level")
    func audited() throws {
        let run = try command("run", "desk/echo", "--input", #"{"text":"hello","count":3}"#, plugins: [desk])
        #expect(run.status == 0, "\(run.errors)")
        let journal = try Data(contentsOf: URL(fileURLWithPath: command.store + "/journal.sqlite"))
        let text = String(decoding: journal, as: UTF8.self)
        #expect(text.contains(#""type":"worker.started""#))
        #expect(text.contains(#""isolation":"strict""#) || text.contains(#""isolation":"standard""#))
        #expect(try command("audit", "verify").status == 0)
    }

    @Test(
        "limits that make no sense are refused",
        arguments: [
            ["--min-isolation", "paranoid"], ["--worker-memory", "1"], ["--worker-cpu", "0"],
        ])
    func badLimits(arguments: [String]) throws {
        let result = try command.run(["departments", "list", "--plugins", desk] + arguments)
        #expect(result.status == 2, "\(result.errors)")
        #expect(result.errors.contains(arguments[0]))
    }
}
