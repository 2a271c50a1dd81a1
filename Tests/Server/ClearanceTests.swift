import Kernel
import TestSupport
import Testing

@Suite("Data above somebody's clearance is there, and says nothing", .timeLimit(.minutes(5)))
struct ClearanceTests {
    private static let canary = "canary-51c9"
    private static let ann = TestServer.Caller(token: "name=ann;tenant=acme;scopes=*.*;clearance=restricted")
    private static let eve = TestServer.Caller(token: "name=eve;tenant=acme;scopes=*.*;clearance=internal")

    /// A run of the class restricted.
    private func start(
        _ server: TestServer, _ task: String, until status: String, more: [String: JSONValue] = [:]
    ) async throws -> String {
        let body: [String: JSONValue] = [
            "task": .string(task), "parameters": ["text": .string(Self.canary)], "classification": "restricted",
        ]
        let started = try await server.ask(
            Self.ann, "POST", "/agents/desk/execute", .object(body.merging(more) { $1 }))
        let id = try #require(try started.json()["job_id"]?.stringValue, "\(started.status)")
        try await server.wait(for: id, status)
        return id
    }

    private func text(_ answer: LoopbackClient.Response) -> String { String(decoding: answer.body, as: UTF8.self) }

    @Test("a run, its events and artifacts say nothing to who is not cleared, until somebody who is lowers its class")
    func runs() async throws {
        let server = try await TestServer.start()
        let run = try await start(server, "echo", until: "done")
        let whole = try await server.ask(Self.ann, "GET", "/jobs/\(run)")
        #expect(whole.status == 200 && text(whole).contains(Self.canary))
        let shell = try await server.ask(Self.eve, "GET", "/jobs/\(run)"), json = try shell.json()
        #expect(shell.status == 200 && !text(shell).contains(Self.canary), "\(text(shell))")
        #expect(json["classification"] == "restricted" && json["input"]?["withheld"] != nil && json["steps"] == [])
        #expect(try await server.ask(Self.eve, "GET", "/jobs/\(run)/artifacts/any").status == 403)
        #expect(try await server.ask(Self.ann, "GET", "/jobs/\(run)/artifacts/any").status == 404)
        let events = try await server.ask(Self.eve, "GET", "/events").json()["events"]?.arrayValue ?? []
        let own = events.filter { $0["subject"]?.stringValue?.contains(run) == true }
        #expect(!own.isEmpty && own.allSatisfy { $0["data"]?["withheld"] != nil }, "\(events)")
        let lower: JSONValue = ["classification": "internal", "reason": "published"]
        #expect(try await server.ask(Self.eve, "PUT", "/jobs/\(run)/classification", lower).status == 403)
        #expect(try await server.ask(Self.ann, "PUT", "/jobs/\(run)/classification", lower).status == 200)
        #expect(text(try await server.ask(Self.eve, "GET", "/jobs/\(run)")).contains(Self.canary))
        try await server.stop()
    }

    @Test("what somebody started is theirs to read, whatever class it got; its class is not theirs to lower")
    func own() async throws {
        let server = try await TestServer.start()
        let bob = TestServer.Caller(token: "name=bob;tenant=acme;scopes=*.*;clearance=internal")
        let body: JSONValue = [
            "task": "echo", "parameters": ["text": .string(Self.canary)], "classification": "restricted",
        ]
        let started = try await server.ask(bob, "POST", "/agents/desk/execute", body)
        let run = try #require(try started.json()["job_id"]?.stringValue)
        try await server.wait(for: run, "done")
        #expect(text(try await server.ask(bob, "GET", "/jobs/\(run)")).contains(Self.canary))
        #expect(!text(try await server.ask(Self.eve, "GET", "/jobs/\(run)")).contains(Self.canary))
        let lower: JSONValue = ["classification": "internal", "reason": "published"]
        #expect(try await server.ask(bob, "PUT", "/jobs/\(run)/classification", lower).status == 403)
        try await server.stop()
    }

    @Test("what waits for a person waits for one who is cleared, and an export is whole or none")
    func approvals() async throws {
        let server = try await TestServer.start()
        let created = try await server.ask(Self.ann, "POST", "/subjects", [:])
        let subject = try #require(try created.json()["id"]?.stringValue)
        _ = try await start(server, "review", until: "waiting", more: ["subject": .string(subject)])
        let open = try await server.ask(Self.ann, "GET", "/approvals").json()["approvals"]?.arrayValue ?? []
        let id = try #require(open.first?["id"]?.stringValue)
        #expect(try await server.ask(Self.eve, "GET", "/approvals").json()["approvals"] == [])
        #expect(try await server.ask(Self.eve, "GET", "/approvals/\(id)").status == 403)
        let approve: JSONValue = ["action": "approve"]
        #expect(try await server.ask(Self.eve, "POST", "/approvals/\(id)/review", approve).status == 403)
        #expect(try await server.ask(Self.eve, "GET", "/subjects/\(subject)/export").status == 403)
        #expect(try await server.ask(Self.ann, "GET", "/subjects/\(subject)/export").status == 200)
        try await server.stop()
    }
}
