import Kernel
import TestSupport
import Testing

@Suite("Usage is what was asked", .timeLimit(.minutes(5)))
struct UsageTests {
    private struct Line: Hashable {
        var client: String
        var version: String
        var operation: String
        var status: Int
    }

    @Test("the report equals the log of what clients sent, over a restart, and each tenant reads its own")
    func equals() async throws {
        var server = try await TestServer.start()
        let ann = TestServer.Caller.user("ann", of: "acme"), eve = TestServer.Caller.user("eve", of: "umbrella")
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        var log: [Line: Int64] = [:]
        let wishes: [(path: String, operation: String)] = [
            ("/jobs", "jobs.list"), ("/jobs/x", "jobs.show"), ("/agents", "agents.list"), ("/budgets", "budgets.list"),
            ("/jobs?limit=0", "jobs.list"), ("/health", "host.health"),
        ]
        for round in 0..<120 {
            if round == 60 { server = try await TestServer.start(in: try await server.stop()) }
            let callers = [(ann, "ann"), (eve, "eve"), (TestServer.Caller.nobody, "anonymous")]
            let (caller, name) = callers[Int(random.next() % 3)]
            let wish = wishes[Int(random.next() % UInt64(wishes.count))]
            let version = ["", "/v1", "/v2", "/v3"][Int(random.next() % 4)]
            let status = try await server.ask(caller, "GET", version + wish.path).status
            let line = Line(
                client: name, version: version.isEmpty ? "v3" : String(version.dropFirst()),
                operation: wish.operation, status: status)
            log[line, default: 0] += 1
        }
        func report(_ caller: TestServer.Caller, _ query: String = "") async throws -> [JSONValue] {
            try await server.ask(caller, "GET", "/usage" + query).json()["usage"]?.arrayValue ?? []
        }
        var seen: [Line: Int64] = [:]
        for row in try await report(.operatorOfAll) where row["operation"] != "usage.report" {
            let line = Line(
                client: row["client"]?.stringValue ?? "", version: row["version"]?.stringValue ?? "",
                operation: row["operation"]?.stringValue ?? "", status: Int(row["status"]?.integerValue ?? 0))
            seen[line, default: 0] += row["requests"]?.integerValue ?? 0
        }
        #expect(seen == log, "BUREAU_TEST_SEED=\(seed)")
        let own = try await report(ann)
        #expect(!own.isEmpty && own.allSatisfy { $0["client"] == "ann" && $0["tenant"] == "acme" })
        #expect(try await report(.operatorOfAll, "?operation=jobs.show").allSatisfy { $0["operation"] == "jobs.show" })
        #expect(try await report(.operatorOfAll, "?to=2020-01-01").isEmpty)
        try await server.stop()
    }
}
