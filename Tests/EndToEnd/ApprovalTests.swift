import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Requests for decisions, by the API and the command", .timeLimit(.minutes(3)))
struct ApprovalTests {
    private func wait(_ what: String, _ holds: () throws -> Bool) throws {
        let end = Date().addingTimeInterval(Command.limitSeconds)
        while try !holds() {
            guard Date() < end else { throw Failure(.deadline, what) }
            usleep(50_000)
        }
    }

    @Test("two people review over HTTP by the rules of the department, also after a kill; a second review is 409")
    func served() throws {
        let desk = try CompiledPlugin.desk.get()
        var served = try Served(try Command(), desk: desk)
        let rules = #"{"approvers":["ann","bob"],"quorum":2,"by":"op"}"#
        #expect(try served.put("/approval-rules/nobody", rules).status == 404)
        #expect(try served.put("/approval-rules/desk", rules).status == 200)
        let bad = try served.put("/approval-rules/desk", #"{"approvers":["ann"],"quorum":2,"by":"op"}"#)
        #expect(bad.status == 422, "\(bad.body)")
        let asked = try served.post("/agents/desk/execute", #"{"task":"review","parameters":{"text":"aa","count":1}}"#)
        let job = try #require(try asked.json()["job_id"]?.stringValue, "\(asked.body)")
        func open() throws -> [JSONValue] { try served.get("/approvals").json()["approvals"]?.arrayValue ?? [] }
        try wait("the request") { try !open().isEmpty }
        let id = try #require(try open().first?["id"]?.stringValue)
        func review(_ who: String, _ body: String) throws -> Served.Response {
            let file = try served.command.scratch.write(Array(body.utf8), to: UUID().uuidString)
            return try served.curl([
                "-X", "POST", "-H", "x-bureau-user: \(who)", "-H", "content-type: application/json", "--data-binary",
                "@" + file,
                served.address + "/approvals/\(id)/review",
            ])
        }
        let approve = #"{"action":"approve","reason":"Content looks good"}"#
        #expect(try served.post("/approvals/\(id)/review", approve).status == 400)
        #expect(try review("eve", approve).status == 403)
        #expect(try review("ann", approve).json()["status"] == "open")
        kill(served.started.process.processIdentifier, SIGKILL)
        served.started.process.waitUntilExit()
        served = try Served(served.command, desk: desk)
        #expect(try review("ann", approve).status == 409)
        #expect(try review("bob", approve).json()["status"] == "approved")
        #expect(try review("bob", approve).status == 409)
        try wait("the run's end") { try served.get("/jobs/\(job)").json()["status"] == "done" }
        let shown = try served.get("/approvals/\(id)").json()
        #expect(shown["acts"]?.arrayValue?.compactMap { $0["by"]?.stringValue } == ["ann", "bob"])
        #expect(try open().isEmpty)
        #expect(served.stop() == 0)
        #expect(try served.command("audit", "verify").status == 0)
    }

    @Test("the command edits, delegates and votes in a store that no host serves")
    func command() throws {
        let desk = try CompiledPlugin.desk.get()
        let command = try Command()
        let rules = #"{"approvers":["ann","bob"],"quorum":2}"#
        #expect(try command("approvals", "rules", "set", "desk/review", rules).status == 0)
        #expect(try command("approvals", "rules").output.contains("ann, bob"))
        let asked = try command("run", "desk/review", "--input", #"{"text":"aa","count":1}"#, plugins: [desk])
        #expect(asked.status != 0, "\(asked.output) \(asked.errors)")
        let listed = try command("approvals", "list", "--json").json()["approvals"]?.arrayValue?.first
        let run = try #require(listed?["run"]?.stringValue, "\(asked.errors)")
        let step = String(try #require(listed?["sequence"]?.integerValue))
        let stranger = try command("approvals", "approve", run, step, "--as", "eve", plugins: [desk])
        #expect(stranger.status == 2 && stranger.errors.contains("not among its approvers"))
        let edited = try command("approvals", "edit", run, step, "--content", #"{"n":2}"#, "--as", "ann", "--json")
        #expect(try edited.json()["revision"] == 1, "\(edited.errors)")
        #expect(try command("approvals", "delegate", run, step, "--to", "eve", "--as", "bob").status == 0)
        let first = try command("approvals", "approve", run, step, "--as", "eve", plugins: [desk])
        #expect(first.status == 0 && first.output.contains("takes more"), "\(first.errors)")
        let last = try command("approvals", "approve", run, step, "--as", "ann", plugins: [desk])
        #expect(last.status == 0, "\(last.output) \(last.errors)")
        let shown = try command("approvals", "show", run, step)
        #expect(shown.output.contains("approved, revision 1") && shown.output.contains("delegate  to eve"))
        #expect(try command("approvals", "withdraw", run, step).status == 2)
        #expect(try command("audit", "verify").status == 0)
    }
}
