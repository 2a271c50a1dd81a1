import Kernel
import TestSupport
import Testing

@Suite("Departments answer to their own words", .timeLimit(.minutes(5)))
struct DepartmentTaskTests {
    private static let ann = TestServer.Caller.user("ann", of: "acme")

    @Test("a decision is put, read by its run and by its name, and listed; life and learning start runs at once")
    func words() async throws {
        let server = try await TestServer.start()
        let question: JSONValue = [
            "decision_id": "hosting", "query": "Where?", "complexity_level": "complicated",
            "context": ["personal_data": true, "stakeholders": ["customers"]], "required_domains": ["legal"],
        ]
        let put = try await server.ask(Self.ann, "POST", "/decisions", question)
        let run = try #require(try put.json()["run_id"]?.stringValue)
        #expect(put.status == 202 && put.headers["location"] == "/decisions/\(run)")
        try await server.wait(for: run, "done")
        for id in [run, "hosting"] {
            let shown = try await server.ask(Self.ann, "GET", "/decisions/\(id)")
            #expect(try shown.status == 200 && shown.json()["outcome"]?["query"] == "Where?", "\(id)")
        }
        let listed = try await server.ask(Self.ann, "GET", "/decisions").json()["decisions"]?.arrayValue
        #expect(listed?.map { $0["decision_id"] } == ["hosting"])
        let reader = TestServer.Caller.user("ben", of: "acme", "read:decisions")
        #expect(try await server.ask(reader, "GET", "/decisions").status == 200)
        #expect(try await server.ask(reader, "POST", "/decisions", question).status == 403)
        #expect(try await server.ask(Self.ann, "GET", "/decisions/\(try await server.run(Self.ann))").status == 404)
        for (path, body) in [
            ("/life/health/wellness_daily", nil), ("/ml/experiment", ["name": "e", "model_type": "ridge"]),
            ("/ml/train", ["experiment_id": "e", "data": [:]]),
        ] as [(String, JSONValue?)] {
            let started = try await server.ask(Self.ann, "POST", path, body)
            #expect(try started.status == 202 && started.json()["run_id"]?.stringValue?.count == 36, "\(path)")
        }
        #expect(try await server.ask(Self.ann, "POST", "/life/health/nothing").status == 404)
        #expect(try await server.ask(Self.ann, "POST", "/life/a/b/c").status == 404)
        try await server.stop()
    }

    @Test("a department says how it is and what it does for who asks")
    func departments() async throws {
        let server = try await TestServer.start()
        _ = try await server.run(Self.ann, "review", until: "waiting")
        let own = try await server.ask(Self.ann, "GET", "/departments/desk").json()
        #expect(own["health"] == "healthy" && own["load"]?["open_runs"] == 1 && own["load"]?["waiting"] == 1)
        let eve = try await server.ask(.user("eve", of: "umbrella"), "GET", "/departments/desk").json()
        #expect(eve["load"]?["open_runs"] == 0 && eve["path"] == nil)
        #expect(try await server.ask(Self.ann, "GET", "/departments/none").status == 404)
        try await server.stop()
    }
}
