import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Data about people, by the real command and its API", .timeLimit(.minutes(3)))
struct SubjectTests {
    private static let canary = "zq7canarywx9"

    /// Files below a folder that hold a text.
    private func files(_ folder: String, holding text: String) -> [String] {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return names.filter { name in
            guard let content = FileManager.default.contents(atPath: folder + "/" + name) else { return false }
            return content.range(of: Data(text.utf8)) != nil
        }
    }

    @Test("a person's run is read, exported and erased; no file of the store ever holds what it said")
    func command() throws {
        let command = try Command(), desk = try CompiledPlugin.desk.get()
        let alias = "\(Self.canary)@example.org", input = #"{"text":"\#(Self.canary)","count":3}"#
        let added = try command("subjects", "add", "--alias", alias, "--json")
        #expect(added.status == 0, "\(added.errors)")
        let id = try #require(try added.json()["id"]?.stringValue)
        let ran = try command("run", "desk/echo", "--json", "--input", input, "--subject", alias, plugins: [desk])
        #expect(ran.status == 0, "\(ran.errors)")
        let run = try ran.json()["run"]
        #expect(run?["subject"]?.stringValue == id && run?["output"]?["text"]?.stringValue == Self.canary)
        let other = try command(
            "run", "desk/echo", "--json", "--input", #"{"text":"plain","count":1}"#, plugins: [desk])
        #expect(other.status == 0)
        #expect(files(command.store, holding: Self.canary) == [])
        let verified = try command("audit", "verify")
        #expect(verified.status == 0, "\(verified.output) \(verified.errors)")

        let export = try command("subjects", "export", id)
        #expect(export.status == 0, "\(export.errors)")
        let document = try JSONParser.parse(export.output)
        #expect(document["format"] == "bureau.subject-export/1")
        let runs = try #require(document["runs"]?.arrayValue)
        #expect(runs.count == 1 && runs.first?["input"]?["text"]?.stringValue == Self.canary)
        #expect(document["subject"]?["alias"]?.stringValue == alias)

        #expect(try command("subjects", "erase", id, "--reason", "who was ada@x").status == 3)
        let erased = try command(
            "subjects", "erase", alias, "--reason", "GDPR art. 17", "--request-id", "R-7", "--json")
        #expect(erased.status == 0, "\(erased.errors)")
        #expect(try erased.json()["rows_erased"]?["runs"] == 1)
        let name = try #require(run?["id"]?.stringValue)
        let shown = try command("runs", "show", name, "--json").json()
        let record = shown["run"] ?? shown
        #expect(record["content"] == "erased" && record["output"] == "erased", "\(record)")
        let replayed = try command("run", "replay", name, plugins: [desk])
        #expect(replayed.status != 0 && replayed.errors.contains("erased"), "\(replayed.errors)")
        #expect(try command("subjects", "list").output.contains("erased"))
        let refused = try command("run", "desk/echo", "--input", input, "--subject", id, plugins: [desk])
        #expect(refused.status == 2 && refused.errors.contains("erased"), "\(refused.errors)")
        #expect(files(command.store, holding: Self.canary) == [])
        #expect(try command("audit", "verify").status == 0)
    }

    @Test("over HTTP a subject is made, found, worked for and erased while the host serves")
    func served() throws {
        let served = try Served(try Command(), desk: try CompiledPlugin.desk.get())
        let made = try served.post("/subjects", #"{"alias":"\#(Self.canary)","by":"ana"}"#)
        #expect(made.status == 201, "\(made.body)")
        let id = try #require(try made.json()["id"]?.stringValue)
        let found = try served.post("/subjects/find", #"{"alias":"\#(Self.canary)"}"#)
        #expect(try found.json()["id"]?.stringValue == id)
        let started = try served.post(
            "/agents/desk/execute",
            #"{"task":"echo","parameters":{"text":"\#(Self.canary)","count":2},"subject":"\#(id)"}"#)
        #expect(started.status == 202, "\(started.body)")
        let job = try #require(try started.json()["job_id"]?.stringValue)
        let end = Date().addingTimeInterval(Command.limitSeconds)
        while try served.get("/jobs/\(job)").json()["status"] != "done", Date() < end { usleep(20_000) }
        #expect(try served.get("/jobs/\(job)").json()["output"]?["text"]?.stringValue == Self.canary)
        let export = try served.get("/subjects/\(id)/export").json()
        #expect(export["runs"]?.arrayValue?.count == 1)
        let erased = try served.post("/subjects/\(id)/erase", #"{"by":"ana","reason":"asked","request_id":"R-8"}"#)
        #expect(erased.status == 200, "\(erased.body)")
        #expect(try erased.json()["log_folded"] == true, "\(erased.body)")
        #expect(try served.get("/jobs/\(job)").json()["output"] == "erased")
        #expect(try served.post("/subjects/\(id)/erase", #"{"by":"x","reason":"ada@example.org"}"#).status == 200)
        #expect(try served.get("/subjects/subj:00000000-0000-4000-8000-000000000000").status == 404)
        #expect(files(served.command.store, holding: Self.canary) == [])
        #expect(served.stop() == 0)
    }
}
