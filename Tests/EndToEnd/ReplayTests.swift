import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Replay, fork and export, by the real command")
struct ReplayTests {
    let command: Command
    private static let clerk = Swift.Result { try CompiledPlugin.build("clerk") }
    let clerk: String

    init() throws {
        command = try Command()
        clerk = try Self.clerk.get()
    }

    private func recordedRun() throws -> String {
        let result = try command("run", "clerk/job", "--json", "--input", #"{"n":1}"#, plugins: [clerk])
        #expect(result.status == 0, "\(result.errors)")
        return try #require(try result.json()["run"]?["id"]?.stringValue)
    }

    private func storeDigest() throws -> Digest {
        let path = URL(fileURLWithPath: command.store).appendingPathComponent("journal.sqlite")
        return Digest.sha256(Array(try Data(contentsOf: path)))
    }

    @Test("a replay with the same plugin is equal, and leaves the store as it was to the byte")
    func equal() throws {
        let run = try recordedRun()
        let before = try storeDigest()
        let result = try command("run", "replay", run, "--json", plugins: [clerk])
        #expect(result.status == 0, "\(result.errors)")
        let report = try result.json()
        #expect(report["verdict"] == "equal" && report["compared_steps"] == 3)
        #expect(report["plugin"]?["same_build"] == true)
        #expect(try storeDigest() == before)
        let text = try command("run", "replay", run, plugins: [clerk])
        #expect(text.output.contains("verdict   equal") && text.errors.isEmpty)
    }

    @Test(
        "a changed plugin shows the exact first difference and ends with code 11",
        arguments: [
            (#"QUESTION="Say no.""#, "request", "/messages/0/content"),
            (#"TOTAL="{\"total\":4}""#, "step_result", "/total"),
            (#"ANSWER="{\"answer\":2}""#, "output", "/answer"), ("SILENT", "missing_step", nil),
            ("MORE", "extra_step", ""), ("CRASH", "lost", nil),
        ] as [(String, String, String?)])
    func changed(define: String, kind: String, pointer: String?) throws {
        let run = try recordedRun()
        let changed = try CompiledPlugin.build("clerk", define)
        let result = try command("run", "replay", run, "--plugin", changed, "--json")
        #expect(result.status == 11, "\(result.errors)")
        #expect(result.errorLines.count == 1)
        let difference = try result.json()["difference"]
        #expect(difference?["kind"]?.stringValue == kind, "\(result.output)")
        #expect(difference?["changes"]?.arrayValue?.first?["pointer"]?.stringValue == pointer)
    }

    @Test("the last runs of a department are replayed in one table")
    func bulk() throws {
        let run = try recordedRun()
        _ = try recordedRun()
        let equal = try command("run", "replay", "--department", "clerk", "--last", "5", plugins: [clerk])
        #expect(equal.status == 0 && equal.output.contains("2 equal, 0 different"), "\(equal.errors)")
        let changed = try CompiledPlugin.build("clerk", #"QUESTION="Say no.""#)
        let other = try command("run", "replay", "--department", "clerk", "--last", "1", "--plugin", changed)
        #expect(other.status == 11 && other.output.contains("0 equal, 1 different"))
        #expect(try command("run", "replay", "--department", "nobody", plugins: [clerk]).status == 4)
        #expect(try command("run", "replay", run, "--department", "clerk", plugins: [clerk]).status == 2)
    }

    @Test("a fork goes on from its step, says where it comes from, and takes the model's answer over")
    func fork() throws {
        let run = try recordedRun()
        let changed = try CompiledPlugin.build("clerk", #"TOTAL="{\"total\":4}""#)
        let result = try command("run", "fork", run, "--step", "1", "--json", plugins: [changed])
        #expect(result.status == 0, "\(result.errors)")
        let forked = try result.json()["run"]
        #expect(forked?["forked_from"] == ["run": .string(run), "step": 1])
        // What was taken over was not asked for again.
        #expect(try result.json()["costs"]?.arrayValue?.first?["model_calls"] == 0)
        let tooFar = try command("run", "fork", run, "--step", "9", plugins: [clerk])
        #expect(tooFar.status == 3 && tooFar.errors.contains("has 3 steps"), "\(tooFar.errors)")
        #expect(try command("audit", "verify").status == 0)
        #expect(try command("runs", "list", "--json").json()["runs"]?.arrayValue?.count == 2)
    }

    @Test("an exported fixture is the same bytes each time")
    func export() throws {
        let run = try recordedRun()
        #expect(try command("replay", "export", run, "-o", "fixture.json").status == 0)
        let path = URL(fileURLWithPath: command.scratch.folder("fixture.json"))
        let written = String(decoding: try Data(contentsOf: path), as: UTF8.self)
        let printed = try command("replay", "export", run)
        #expect(printed.status == 0 && printed.output == written)
        let fixture = try JSONParser.parse(written)
        #expect(fixture["format"] == "bureau.replay-fixture" && fixture["version"] == 1)
        #expect(fixture["steps"]?.arrayValue?.map { $0["name"]?.stringValue } == ["ask", "sum", "keep"])
        #expect(fixture["outcome"]?["output"] == ["answer": 1])
    }
}
