import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Agents, their messages and pools, by the real command", .timeLimit(.minutes(3)))
struct AgentTests {
    private static let courier = Swift.Result { try CompiledPlugin.build("courier") }

    private func serve(_ command: Command? = nil) throws -> Served {
        try Served(try command ?? Command(), desk: try Self.courier.get())
    }

    private func killed(_ served: Served) throws -> Served {
        kill(served.started.process.processIdentifier, SIGKILL)
        served.started.process.waitUntilExit()
        return try serve(served.command)
    }

    private func wait(_ what: String, _ holds: () throws -> Bool) throws {
        let end = Date().addingTimeInterval(Command.limitSeconds)
        while try !holds() {
            guard Date() < end else { throw Failure(.deadline, what) }
            usleep(50_000)
        }
    }

    private func jobs(_ served: Served, _ task: String) throws -> [JSONValue] {
        let all = try served.get("/jobs?department=courier&limit=200").json()["jobs"]?.arrayValue ?? []
        return all.filter { $0["task"]?.stringValue == "courier/\(task)" }
    }

    @Test("an agent is created, works, is changed, drains and retires over HTTP, and survives a kill")
    func life() throws {
        var served = try serve()
        let created = try served.post("/agents/create", #"{"type":"courier","config":{}}"#)
        #expect(created.status == 201, "\(created.body)")
        let id = try #require(try created.json()["id"]?.stringValue)
        #expect(try created.json()["state"] == "active")
        #expect(try served.post("/agents/create", #"{"type":"nothing"}"#).status == 404)
        let named = #"{"type":"courier","name":"scout","config":{"a":1},"capabilities":["hear"],"start":false}"#
        #expect(try served.post("/agents/create", named).status == 201)
        #expect(try served.post("/agents/create", named).status == 409)
        let task = #"{"task":"hear","data":{"x":1}}"#
        let accepted = try served.post("/agents/\(id)/task", task)
        #expect(accepted.status == 202, "\(accepted.body)")
        let early = try #require(try served.post("/agents/scout/task", task).json()["job_id"]?.stringValue)
        #expect(try served.post("/agents/nobody/task", task).status == 404)
        let refused = try served.post("/agents/scout/task", #"{"task":"tell","data":{"number":1}}"#)
        #expect(refused.status == 409 && refused.body.contains(#"lacks the capability \"tell\" or \"tag:talk\""#))

        served = try killed(served)
        try wait("the first agent's run ends") {
            try served.get("/jobs/\(try accepted.json()["job_id"]?.stringValue ?? "")").json()["status"] == "done"
        }
        #expect(try served.get("/jobs/\(early)").json()["status"] == "ready")
        #expect(try served.post("/agents/scout/start").json()["state"] == "active")
        try wait("the second agent's run ends") { try served.get("/jobs/\(early)").json()["status"] == "done" }

        let widened = try served.post("/agents/scout/capabilities", #"{"add":["tag:talk"],"by":"ana"}"#).json()
        #expect(widened["version"] == 2 && widened["capabilities"] == ["hear", "tag:talk"])
        let stale = try served.post("/agents/scout/configure", #"{"config":{"a":2},"expected_version":1}"#)
        #expect(stale.status == 409)
        #expect(try served.post("/agents/scout/configure", #"{"config":{"a":2}}"#).json()["version"] == 3)
        #expect(try served.post("/agents/scout/rollback", #"{"version":1}"#).json()["configuration"] == ["a": 1])
        let versions = try served.get("/agents/scout/versions").json()["versions"]?.arrayValue ?? []
        #expect(versions.map { $0["version"] } == [1, 2, 3, 4] && versions[1]["by"] == "ana")
        let statistics = try served.get("/agents/scout/stats").json()
        #expect(statistics["runs"] == ["done": 1] && statistics["success_rate"]?.doubleValue == 1)

        #expect(try served.post("/agents/scout/drain").json()["state"] == "draining")
        #expect(try served.post("/agents/scout/task", task).status == 409)
        #expect(try served.post("/agents/courier:scout/execute", #"{"task":"hear"}"#).status == 409)
        #expect(try served.post("/agents/scout/retire").json()["state"] == "retired")
        #expect(try served.post("/jobs/\(early)/retry").status == 409)
        let listed = try served.get("/agents").json()["agents"]?.arrayValue?.compactMap { $0["id"]?.stringValue }
        #expect(listed == ["courier", id])
        #expect(served.stop() == 0)
        #expect(try served.command("audit", "verify").status == 0)
    }

    @Test("messages of a run each start one run of their receiver, in order, also over a kill; a circle ends")
    func messages() throws {
        var served = try serve()
        let listener = """
            {"type":"courier","name":"listener","on":{
             "order.placed":{"task":"hear","input":{"order":{"$message":"/body/number"},"who":{"$message":"/from"}}},
             "circle":{"task":"circle"}}}
            """
        #expect(try served.post("/agents/create", listener).status == 201)
        #expect(try served.post("/agents/listener/pause").status == 200)
        let told = try served.post("/agents/courier/execute", #"{"task":"tell","parameters":{"number":7}}"#).json()
        let sender = try #require(told["job_id"]?.stringValue)
        try wait("the sender ends") { try served.get("/jobs/\(sender)").json()["status"] == "done" }
        let open = try served.get("/agents/listener/inbox").json()["messages"]?.arrayValue ?? []
        #expect(open.map { $0["from"] } == ["courier:default", "courier:default", "courier:default"])
        #expect(open.first?["body"] == ["number": 7] && open.first?["run"]?.stringValue == sender)
        served = try killed(served)
        #expect(try served.post("/agents/listener/resume").status == 200)
        try wait("three runs end") { try jobs(served, "hear").count { $0["status"] == "done" } == 3 }
        for job in try jobs(served, "hear") {
            let shown = try served.get("/jobs/\(job["id"]?.stringValue ?? "")").json()
            #expect(shown["output"] == ["order": 7, "who": "courier:default"] && shown["agent"] == "listener")
        }
        let ended = try served.get("/agents/listener/inbox?status=acknowledged").json()["messages"]?.arrayValue ?? []
        let started = ended.compactMap { $0["started"]?.stringValue }
        #expect(started.count == 3 && started == started.sorted())

        // By the operator: once for each id, and as the department's manifest says.
        let order = #"{"type":"order.placed","body":{"number":8},"from":"shop","id":"o-1"}"#
        #expect(try served.post("/agents/listener/messages", order).status == 202)
        #expect(try served.post("/agents/listener/messages", order).status == 202)
        let wrong = try served.post("/agents/listener/messages", #"{"type":"order.placed","body":{}}"#)
        #expect(wrong.status == 400 && wrong.body.contains("number"))
        try wait("the operator's run ends") { try jobs(served, "hear").count { $0["status"] == "done" } == 4 }
        let circle = #"{"type":"circle","body":{}}"#
        #expect(try served.post("/agents/listener/messages", circle).status == 202)
        try wait("the circle is cut") {
            let dead = try served.get("/agents/listener/inbox?status=dead").json()["messages"]?.arrayValue ?? []
            return dead.contains { $0["reason"]?.stringValue?.contains("for ever") == true }
        }
        #expect(try jobs(served, "circle").count == AgentMessage.maximumChain)
        #expect(try jobs(served, "hear").count == 4)
        #expect(served.stop() == 0)
        #expect(try served.command("audit", "verify").status == 0)
    }

    @Test("a program outside receives messages, acknowledges, rejects, and finds the rest among the dead")
    func inbox() throws {
        let served = try serve()
        for number in 1...2 {
            let body = #"{"type":"note","body":\#(number),"from":"shop"}"#
            #expect(try served.post("/agents/courier/messages", body).status == 202)
        }
        func receive() throws -> [JSONValue] {
            try served.post("/agents/courier/inbox/receive", #"{"limit":5}"#).json()["messages"]?.arrayValue ?? []
        }
        #expect(try receive().map { $0["body"] } == [1])
        #expect(try receive() == [])
        #expect(try served.post("/agents/courier/inbox/2/ack").status == 409)
        #expect(try served.post("/agents/courier/inbox/1/ack").json() == ["acknowledged": true])
        #expect(try served.post("/agents/courier/inbox/1/ack").json() == ["acknowledged": false])
        #expect(try receive().map { $0["body"] } == [2])
        let rejected = try served.post(
            "/agents/courier/inbox/2/reject", #"{"reason":"torn","retry_after_seconds":null}"#)
        #expect(try rejected.json()["status"] == "dead")
        #expect(try served.post("/agents/courier/inbox/2/requeue").json()["status"] == "open")
        #expect(try served.post("/agents/courier/inbox/9/requeue").status == 404)
        #expect(try receive().map { $0["deliveries"] } == [1])
        #expect(served.stop() == 0)
    }

    @Test("a pool spreads its runs, grows while they wait, shrinks when they are done, and tells of both")
    func pools() throws {
        let served = try serve()
        let policy = #"{"min":1,"max":3,"grow_above":1,"grow_after_seconds":1,"shrink_after_seconds":2}"#
        let made = try served.put("/pools/courier/crew", #"{"policy":\#(policy)}"#)
        #expect(made.status == 200, "\(made.body)")
        func members() throws -> [String] {
            try served.get("/pools/courier/crew").json()["members"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
                ?? []
        }
        #expect(try members() == ["crew-1"])
        // One computes at a time: the others wait.
        var grown = false, used: Set<String> = []
        try wait("the pool grows") {
            let run = try served.post("/agents/crew/task", #"{"task":"work"}"#)
            used.insert(try run.json()["agent"]?.stringValue ?? "")
            grown = try grown || members().count == 3
            return grown && used.count == 3
        }
        #expect(used == ["crew-1", "crew-2", "crew-3"])
        try wait("the pool shrinks") { try members().count == 1 }
        let events = try served.get("/events?topic=pool.*").json()["events"]?.arrayValue ?? []
        let types = events.compactMap { $0["type"]?.stringValue }
        #expect(types.contains("pool.grown") && types.contains("pool.shrunk"))
        #expect(try jobs(served, "work").allSatisfy { $0["status"] == "done" })
        #expect(try served.delete("/pools/courier/crew", "").status == 204)
        #expect(try served.get("/pools/courier/crew").status == 404)
        #expect(served.stop() == 0)
        #expect(try served.command("audit", "verify").status == 0)
    }

    @Test("the command makes, changes, pauses and reads agents and pools while no host runs")
    func commands() throws {
        let command = try Command(), plugin = try Self.courier.get()
        func call(_ arguments: String...) throws -> Command.Result { try command.run(arguments) }
        let made = try call(
            "agents", "create", "scout", "--department", "courier", "--capability", "hear", "--plugins", plugin)
        #expect(made.status == 0, "\(made.errors)")
        #expect(try call("agents", "show", "scout", "--json").json()["capabilities"] == ["hear"])
        let changed = try call(
            "agents", "configure", "scout", "--config", #"{"a":1}"#, "--plugins", plugin, "--json")
        #expect(try changed.json()["version"] == 2)
        #expect(
            try call("agents", "capabilities", "scout", "--add", "work", "--plugins", plugin).output
                == "courier:scout takes: hear, work\n")
        #expect(
            try call("agents", "rollback", "scout", "--to", "1", "--plugins", plugin, "--json").json()["version"] == 4)
        let history = try call("agents", "history", "scout", "--json").json()["versions"]?.arrayValue ?? []
        #expect(history.count == 4 && history[3]["note"] == "back to version 1")
        #expect(try call("agents", "pause", "scout").output == "agent courier:scout is paused\n")
        #expect(try call("agents", "pause", "nobody").status == 4)
        #expect(try call("agents", "start", "scout").status == 2)
        #expect(try call("agents", "resume", "scout").status == 0)
        let sent = try call("agents", "message", "scout", "--type", "note", "--body", "[1]", "--from", "me")
        #expect(sent.output == "message 1 is sent to courier:scout\n", "\(sent.errors)")
        let given = try call("agents", "inbox", "receive", "scout", "--json").json()["messages"]?.arrayValue
        #expect(given?.first?["body"] == [1])
        #expect(try call("agents", "inbox", "ack", "scout", "1").status == 0)
        let ran = try call(
            "run", "courier/hear", "--agent", "scout", "--input", "{}", "--plugins", plugin, "--json")
        #expect(ran.status == 0, "\(ran.errors)")
        #expect(try call("agents", "stats", "scout", "--json").json()["runs"] == ["done": 1])
        let pool = try call(
            "pools", "set", "crew", "--department", "courier", "--min", "2", "--max", "3", "--plugins", plugin)
        #expect(pool.status == 0, "\(pool.errors)")
        #expect(
            try call("pools", "list", "--json").json()["pools"]?.arrayValue?.first?["members"]?.arrayValue?.count == 2)
        #expect(try call("pools", "remove", "crew").status == 0)
        #expect(try call("agents", "drain", "scout").status == 0)
        let late = try call("run", "courier/hear", "--agent", "scout", "--input", "{}", "--plugins", plugin)
        #expect(late.status == 2 && late.errors.contains("draining"), "\(late.errors)")
        #expect(try call("agents", "retire", "scout").output == "agent courier:scout is retired\n")
        #expect(try command("audit", "verify").status == 0)
    }
}
