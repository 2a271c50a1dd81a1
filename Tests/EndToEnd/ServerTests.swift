import Foundation
import Kernel
import TestSupport
import Testing

@Suite("The HTTP API, by the real command")
struct ServerTests {
    private let served: Served

    init() throws { served = try Served(try Command(), desk: try CompiledPlugin.desk.get()) }

    @Test("is alive, is ready, and lists departments and agents")
    func looking() throws {
        #expect(try served.get("/health").json() == ["status": "ok"])
        #expect(try served.get("/readyz").status == 200)
        let departments = try served.get("/departments").json()["departments"]?.arrayValue ?? []
        #expect(departments.compactMap { $0["name"]?.stringValue } == ["desk"])
        #expect(departments.first?["tasks"]?.arrayValue?.first?["input_schema"]?.objectValue != nil)
        let agents = try served.get("/agents").json()["agents"]?.arrayValue ?? []
        #expect(agents.compactMap { $0["name"]?.stringValue } == ["desk"])
        #expect(try served.get("/status").json()["ready"] == true)
        #expect(served.stop() == 0)
    }

    @Test("budgets are set, shown and stopped, and the ledger says what was issued")
    func budgets() throws {
        let node = "/budgets/department:default/desk"
        #expect(try served.get(node).status == 404)
        let set = try served.put(node, #"{"limit":"5.50","per":"week","zone":"Europe/Berlin","rollover":"debt"}"#)
        #expect(set.status == 200, "\(set.body)")
        let period = try served.get(node).json()["periods"]?.arrayValue?.first
        #expect(period?["limit_nanodollars"] == 5_500_000_000 && period?["rollover"] == "debt")
        for body in [#"{"limit":"5e3"}"#, #"{"limit":"1","per":"fortnight"}"#, #"{"limit":1}"#] {
            #expect(try served.put(node, body).status == 422, "\(body)")
        }
        #expect(try served.put("/budgets/planet:earth", #"{"limit":"1"}"#).status == 400)
        #expect(try served.put("/budgets/organisation", #"{"limit":"9"}"#).status == 200)
        #expect(try served.get("/budgets/forecast/department:default/desk").json()["forecasts"]?.arrayValue?.count == 1)
        let entry = try served.get("/ledger?node=organisation").json()["entries"]?.arrayValue?.first
        #expect(entry?["debit"] == "issue" && entry?["amount_nanodollars"] == 9_000_000_000)
        let word = #"{"node":"tenant:default","by":"ana","reason":"too dear"}"#
        #expect(try served.post("/budgets/stop", word).status == 200)
        let task = #"{"task":"echo","parameters":{"text":"hello","count":1}}"#
        let refused = try served.post("/agents/desk/execute", task)
        #expect(refused.status == 402 && refused.body.contains("too dear"), "\(refused.body)")
        #expect(try served.post("/budgets/resume", word).status == 200)
        #expect(try served.post("/budgets/resume", word).status == 404)
        #expect(served.stop() == 0)
    }

    @Test("executes a task: 202 with a job, events to its end, then the result; events resume where the reader was")
    func execution() throws {
        let accepted = try served.post(
            "/agents/desk/execute", #"{"task":"echo","parameters":{"text":"hello","count":2}}"#)
        #expect(accepted.status == 202, "\(accepted.body)")
        let job = try #require(try accepted.json()["job_id"]?.stringValue)
        #expect(accepted.headers.lowercased().contains("location: /jobs/\(job)"))

        let events = try served.get("/jobs/\(job)/events").body
        #expect(events.contains("event: run.completed"), "\(events)")
        let shown = try served.get("/jobs/\(job)").json()
        #expect(shown["status"] == "done")
        #expect(shown["output"] == ["text": "hello", "count": 2])
        #expect(shown["artifacts"]?.arrayValue?.count == 1)

        let ids = events.split(separator: "\n").filter { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) }
        #expect(ids.count >= 2)
        let rest = try served.get("/jobs/\(job)/events", "Last-Event-ID: \(ids[0])").body
        let again = rest.split(separator: "\n").filter { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) }
        #expect(again == Array(ids.dropFirst()))
        #expect(served.stop() == 0)
    }

    @Test("refuses with problem details that name each wrong field, and changes nothing")
    func refusals() throws {
        func problem(_ response: Served.Response, _ status: Int, _ code: JSONValue) throws -> JSONValue {
            #expect(response.status == status, "\(response.body)")
            #expect(response.headers.lowercased().contains("content-type: application/problem+json"))
            let problem = try response.json()
            #expect(problem["code"] == code)
            return problem
        }
        func pointers(_ problem: JSONValue) -> Set<String> {
            Set(problem["errors"]?.arrayValue?.compactMap { $0["pointer"]?.stringValue } ?? [])
        }
        let execute = "/agents/desk/execute"
        _ = try problem(try served.post("/agents/nobody/execute", #"{"task":"echo"}"#), 404, "unknown_agent")
        _ = try problem(try served.post(execute, #"{"task":"nothing"}"#), 404, "unknown_task")
        _ = try problem(try served.post(execute, "{"), 400, "invalid_json")
        _ = try problem(try served.post(execute, #"{"task":"echo","task":"fail"}"#), 400, "invalid_json")
        let form = try problem(
            try served.post(execute, #"{"task":1,"priority":9,"more":1}"#), 422, "invalid_body")
        #expect(pointers(form).isSuperset(of: ["/task", "/priority"]))
        let input = try problem(
            try served.post(execute, #"{"task":"echo","parameters":{"text":"x","count":0}}"#), 422, "invalid_input")
        #expect(pointers(input).isSuperset(of: ["/parameters/text", "/parameters/count"]))
        let large = #"{"task":"echo","parameters":{"text":""# + String(repeating: "a", count: 11 << 20) + #""}}"#
        _ = try problem(try served.post(execute, large), 413, "body_too_large")
        _ = try problem(try served.get("/nowhere"), 404, "not_found")
        _ = try problem(try served.get("/jobs/17"), 404, "not_found")
        _ = try problem(try served.get("/jobs/01900000-0000-7000-8000-000000000000"), 404, "not_found")
        _ = try problem(try served.get("/jobs?status=odd"), 400, "invalid")
        _ = try problem(try served.get("/jobs?limit=0"), 400, "invalid")
        #expect(try served.get("/jobs").json()["jobs"] == [])
        #expect(served.stop() == 0)
    }

    @Test("pages through jobs with a cursor, filters by status, answers a repeated key with the first job, cancels")
    func jobs() throws {
        var made: [String] = []
        for number in 0..<5 {
            let body = #"{"task":"nap","idempotency_key":"k\#(number)"}"#
            let first = try served.post("/agents/desk/execute", body).json()["job_id"]?.stringValue
            #expect(try served.post("/agents/desk/execute", body).json()["job_id"]?.stringValue == first)
            made.append(try #require(first))
        }
        var seen: [String] = []
        var cursor: String?
        repeat {
            let page = try served.get("/jobs?limit=2" + (cursor.map { "&cursor=" + $0 } ?? "")).json()
            seen += page["jobs"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? []
            cursor = page["next_cursor"]?.stringValue
        } while cursor != nil
        #expect(seen == made.reversed())
        #expect(try served.post("/jobs/\(made[0])/cancel").status == 202)
        _ = try served.get("/jobs/\(made[0])/events")
        let cancelled = try served.get("/jobs?status=cancelled").json()["jobs"]?.arrayValue ?? []
        #expect(cancelled.compactMap { $0["id"]?.stringValue } == [made[0]])
        #expect(served.stop() == 0)
    }

    @Test("SIGTERM drains: not ready and nothing new while open work has its time, event streams end, exit code 0")
    func drain() throws {
        let job = try #require(
            try served.post("/agents/desk/execute", #"{"task":"work"}"#).json()["job_id"]?.stringValue)
        try waitUntil { try served.get("/jobs/\(job)").json()["status"] == "running" }
        let reader = try served.command.start(
            ["curl", "-sSN", served.address + "/jobs/\(job)/events"], program: "/usr/bin/env")
        _ = try reader.line(with: "event: ")
        served.started.process.terminate()
        var sawNotReady = false
        while served.started.process.isRunning, !sawNotReady {
            guard let response = try? served.get("/readyz") else { break }
            sawNotReady = response.status == 503
        }
        #expect(sawNotReady)
        #expect(served.started.process.waitUntilExit(upTo: Command.limitSeconds))
        #expect(served.started.result.status == 0, "\(served.started.result.errors)")
        #expect(reader.process.waitUntilExit(upTo: Command.limitSeconds))
        // The work is not lost: it stays open, for the next host.
        let open = try served.command("runs", "show", job, "--json").json()["status"]?.stringValue ?? ""
        #expect(["ready", "running", "waiting"].contains(open), "\(open)")
    }

    @Test("an address that is taken, and a store that is taken, are refused with code 8")
    func taken() throws {
        let port = served.address.split(separator: ":").last.map(String.init) ?? ""
        let other = try Command()
        let address = try other("serve", "--port", port, plugins: [try CompiledPlugin.desk.get()])
        #expect(address.status == 8 && address.errors.contains(port))
        let store = try served.command("serve", "--port", "0", plugins: [try CompiledPlugin.desk.get()])
        #expect(store.status == 8)
        #expect(served.stop() == 0)
    }

    private func waitUntil(_ condition: () throws -> Bool) throws {
        let end = Date().addingTimeInterval(Command.limitSeconds)
        while Date() < end {
            if try condition() { return }
        }
        throw Failure(.deadline, "the condition never held")
    }
}
