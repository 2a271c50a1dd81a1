import Engine
import Foundation
import Gateway
import Journal
import Kernel
import TestSupport
import Testing

@Suite("What is another tenant's is not there", .timeLimit(.minutes(5)))
struct TenantTests {
    private static let canary = "acme-canary-7f3a"

    private static let ann = TestServer.Caller.user("ann", of: "acme")
    private static let eve = TestServer.Caller.user("eve", of: "umbrella")

    /// One of everything that can belong to a tenant: its id for each operation's path.
    private func seed(_ server: TestServer) async throws -> [String: [String: String]] {
        let run = try await server.run(Self.ann, "echo", ["text": .string(Self.canary)])
        let review = try await server.run(Self.ann, "review", ["text": .string(Self.canary)], until: "waiting")
        let subject = try await server.ask(Self.ann, "POST", "/subjects", ["alias": .string(Self.canary)])
        #expect(subject.status == 201, "\(subject.status)")
        let schedule: JSONValue = [
            "name": "acme-nightly", "task": "desk/echo", "when": "0 3 * * *", "input": ["text": .string(Self.canary)],
        ]
        #expect(try await server.ask(Self.ann, "POST", "/schedules", schedule).status == 201)
        let group: JSONValue = ["name": "acme-group"]
        #expect(try await server.ask(Self.ann, "POST", "/events/groups", group).status == 201)
        let trigger: JSONValue = ["task": "desk/echo", "input": ["text": .string(Self.canary)]]
        #expect(try await server.ask(Self.ann, "PUT", "/triggers/acme-trigger", trigger).status == 200)
        let webhook: JSONValue = ["url": .string("https://\(Self.canary).example.com/x")]
        #expect(try await server.ask(Self.ann, "PUT", "/webhooks/acme-hook", webhook).status == 201)
        let hold: JSONValue = ["keeps": "tenant:acme", "reason": .string(Self.canary)]
        #expect(try await server.ask(Self.ann, "PUT", "/holds/acme-hold", hold).status == 201)
        let budget: JSONValue = ["limit": "77.50"]
        #expect(try await server.ask(.operatorOfAll, "PUT", "/budgets/tenant:acme", budget).status == 200)
        // What limits a tenant as a whole is not the tenant's to change.
        let reason: JSONValue = ["node": "tenant:acme", "reason": "x"]
        #expect(try await server.ask(Self.ann, "PUT", "/budgets/tenant:acme", ["limit": .null]).status == 403)
        for act in ["stop", "resume"] {
            #expect(try await server.ask(Self.ann, "POST", "/budgets/\(act)", reason).status == 403, "\(act)")
        }
        #expect(try await server.ask(Self.ann, "PUT", "/budgets/department:acme/desk", budget).status == 200)
        let message: JSONValue = ["type": "note", "body": ["text": .string(Self.canary)]]
        let sent = try await server.ask(Self.ann, "POST", "/agents/desk/messages", message)
        #expect(sent.status == 202, "\(String(decoding: sent.body, as: UTF8.self))")
        let letter = try await deadLetter(server)
        let number = try sent.json()["message"]?.integerValue ?? 0
        var values: [String: [String: String]] = [
            "schedules": ["name": "acme-nightly"], "events.groups": ["group": "acme-group"],
            "events.letters": ["letter": letter], "triggers": ["name": "acme-trigger"],
            "webhooks": ["name": "acme-hook"], "holds": ["name": "acme-hold"], "budgets": ["node": "tenant:acme"],
            "messages": ["name": "desk", "message": String(number)], "approvals": ["id": "\(review):0"],
            "subjects": ["id": try subject.json()["id"]?.stringValue ?? ""], "decisions": ["id": run],
        ]
        for name in ["jobs", "runs"] { values[name] = ["id": run, "name": "unknown"] }
        let waiting = try await server.ask(Self.ann, "GET", "/approvals").json()["approvals"]?.arrayValue ?? []
        values["approvals"] = ["id": try #require(waiting.first?["id"]?.stringValue)]
        return values
    }

    /// An event that the group gave up at once.
    private func deadLetter(_ server: TestServer) async throws -> String {
        let read = try await server.ask(Self.ann, "POST", "/events/groups/acme-group/read", ["consumer": "c"])
        let id = try #require(
            try read.json()["events"]?.arrayValue?.first?["id"]?.stringValue.flatMap { Int64($0) })
        var ended: JSONValue = .null
        for _ in 0..<10 where ended["dead_letter"] == nil {
            let reject: JSONValue = ["id": .integer(id), "reason": .string(Self.canary), "retry_after_milliseconds": 0]
            ended = try await server.ask(Self.ann, "POST", "/events/groups/acme-group/reject", reject).json()
            _ = try await server.ask(Self.ann, "POST", "/events/groups/acme-group/read", ["consumer": "c"])
        }
        return String(try #require(ended["dead_letter"]?.integerValue))
    }

    private func values(
        _ all: [String: [String: String]], _ operation: APIDescription.Operation
    ) -> [String: String]? {
        all.filter { operation.id == $0.key || operation.id.hasPrefix($0.key + ".") }
            .max { $0.key.count < $1.key.count }?.value
    }

    @Test("every operation on another tenant's thing answers as for a thing that is not there, and changes nothing")
    func others() async throws {
        let server = try await TestServer.start()
        let all = try await seed(server)
        var asked = 0
        for operation in server.description.operations
        where operation.path.contains("{") && !operation.isOpen && !operation.isForOperators {
            // Whose agents, pools, departments and lives are everybody's.
            guard let values = values(all, operation), operation.id != "messages.send" else { continue }
            // To list or take messages of a shared agent gives one's own alone: looked at below.
            if ["messages.list", "messages.receive"].contains(operation.id) { continue }
            asked += 1
            let path = operation.filled(values)
            // An agent is everybody's: what is missing of one is a message.
            let missing =
                operation.path.contains("{message}")
                ? operation.filled(["name": "desk", "message": "987654"])
                : operation.filled(usual: Self.missing(operation))
            let theirs = try await server.ask(Self.eve, operation.method, path, operation.example)
            #expect(
                theirs.status == 404,
                "\(operation.method) \(path): \(theirs.status) \(String(decoding: theirs.body, as: UTF8.self))")
            #expect(!String(decoding: theirs.body, as: UTF8.self).contains(Self.canary), "\(operation.id)")
            guard operation.method != "PUT" else { continue }
            let none = try await server.ask(Self.eve, operation.method, missing, operation.example)
            #expect(none.status == 404, "\(operation.method) \(missing): \(none.status)")
            // The same words but for the name that was asked for.
            #expect(try none.json()["code"] == theirs.json()["code"], "\(operation.id)")
        }
        #expect(asked > 50, "\(asked)")
        // All of it is there for its own.
        for operation in server.description.operations
        where operation.method == "GET" && operation.path.contains("{") && !operation.isStream {
            guard let values = values(all, operation), !operation.isForOperators else { continue }
            if ["jobs.artifact", "runs.artifact", "decisions.show"].contains(operation.id) { continue }
            let own = try await server.ask(Self.ann, "GET", operation.filled(values))
            #expect(own.status == 200, "\(operation.id): \(own.status)")
        }
        try await server.stop()
    }

    /// Of the form that the operation takes, and nobody's.
    private static func missing(_ operation: APIDescription.Operation) -> String {
        let names = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }
        if names.contains("{node}") { return "tenant:nobody" }
        if names.contains("{letter}") { return "987654" }
        if operation.id.hasPrefix("subjects.") { return "subj:01900000-0000-7000-8000-000000000000" }
        if operation.id.hasPrefix("approvals.") { return "01900000-0000-7000-8000-000000000000:0" }
        return operation.path.contains("{id}") ? "01900000-0000-7000-8000-000000000000" : "nobody"
    }

    @Test("no list, report or stream says anything of another tenant")
    func lists() async throws {
        let server = try await TestServer.start()
        _ = try await seed(server)
        for operation in server.description.operations
        where operation.method == "GET" && !operation.path.contains("{") && !operation.isOpen && !operation.isStream {
            let answer = try await server.ask(Self.eve, "GET", operation.path + Self.query(operation))
            #expect(answer.status == (operation.isForOperators ? 403 : 200), "\(operation.id): \(answer.status)")
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(!text.contains(Self.canary) && !text.contains("acme"), "\(operation.id): \(text.prefix(400))")
        }
        for path in ["/agents/desk/inbox", "/ledger?node=tenant:umbrella"] {
            let text = String(decoding: try await server.ask(Self.eve, "GET", path).body, as: UTF8.self)
            #expect(!text.contains(Self.canary), "\(path)")
        }
        let taken = try await server.ask(Self.eve, "POST", "/agents/desk/inbox/receive")
        #expect(try taken.json()["messages"] == [])
        #expect(try await server.ask(Self.eve, "GET", "/ledger?node=tenant:acme").status == 404)
        #expect(try await server.ask(Self.eve, "GET", "/costs?where=tenant=acme").status == 200)
        // An operator sees all of it, which is the proof that there was something to see.
        let events = String(
            decoding: try await server.ask(.operatorOfAll, "GET", "/events").body, as: UTF8.self)
        #expect(events.contains("\"tenant\":\"acme\""))
        try await server.stop()
    }

    private static func query(_ operation: APIDescription.Operation) -> String {
        switch operation.id {
        case "audit.proof": "?leaf=0"
        case "approvals.list": "?status=all"
        default: ""
        }
    }

    @Test("a body's idempotency key brings back one's own run, and tells others nothing of it but that it is taken")
    func keys() async throws {
        let server = try await TestServer.start()
        let ben = TestServer.Caller.user("ben", of: "acme")
        func start(_ caller: TestServer.Caller, _ text: String) async throws -> LoopbackClient.Response {
            let body: JSONValue = ["task": "echo", "parameters": ["text": .string(text)], "idempotency_key": "monday"]
            return try await server.ask(caller, "POST", "/agents/desk/execute", body)
        }
        let first = try await start(Self.ann, "hello"), again = try await start(Self.ann, "hello")
        #expect(try first.status == 202 && again.json()["job_id"] == first.json()["job_id"])
        for other in [try await start(ben, "hello"), try await start(ben, "goodbye"), try await start(Self.ann, "x")] {
            #expect(try other.status == 409 && other.json()["code"] == "idempotency_key_reused", "\(other.status)")
        }
        #expect(try await start(Self.eve, "hello").status == 202, "another tenant has keys of its own")
        func plan(_ caller: TestServer.Caller, _ intent: String) async throws -> LoopbackClient.Response {
            let body: JSONValue = ["intent": .string(intent), "run": true, "idempotency_key": "tuesday"]
            return try await server.ask(caller, "POST", "/plans", body)
        }
        let planned = try await plan(Self.ann, "desk echo"), same = try await plan(Self.ann, "desk echo")
        #expect(planned.status == 202 && same.status == 202, "\(String(decoding: planned.body, as: UTF8.self))")
        #expect(try same.json()["job_id"] == planned.json()["job_id"])
        #expect(try await plan(ben, "desk echo").status == 409)
        #expect(try await plan(Self.ann, "desk review").status == 409)
        try await server.stop()
    }

    @Test("of two tenants that want one name at the same time, one gets it and the other none of it")
    func races() async throws {
        let server = try await TestServer.start()
        for round in 0..<20 {
            let path = "/webhooks/race-\(round)"
            async let first = server.ask(Self.ann, "PUT", path, ["url": "https://ann.example.com"])
            async let second = server.ask(Self.eve, "PUT", path, ["url": "https://eve.example.com"])
            let statuses = (try await first.status, try await second.status)
            let isAnns = statuses.0 == 201
            #expect([404, 409].contains(isAnns ? statuses.1 : statuses.0), "\(statuses)")
            #expect(isAnns || statuses.1 == 201, "\(statuses)")
            let stored = try await server.ask(.operatorOfAll, "GET", "/webhooks").json()["webhooks"]?.arrayValue
            let url = stored?.first { $0["name"]?.stringValue == "race-\(round)" }?["url"]?.stringValue ?? ""
            #expect(url.contains(isAnns ? "ann" : "eve"), "\(url)")
        }
        try await server.stop()
    }

    @Test("what is another's in the transaction is not changed, whatever was looked at before")
    func checks() async throws {
        let server = try await TestServer.start(), runtime = server.runtime
        let desk = try runtime.webhooks(), url = "https://hooks.example.com", filter = EventFilter()
        let check: WebhookDesk.Check = { _ throws(JournalError) in throw JournalError(.notFound, "another's") }
        await #expect(throws: EngineError.self) {
            try await desk.set("hook", url: url, filter: filter, by: "eve", if: check)
        }
        await #expect(throws: EngineError.self) { try await desk.known("hook") }
        _ = try await desk.set("hook", url: url, filter: filter, by: "ann")
        await #expect(throws: EngineError.self) { try await desk.remove("hook", by: "eve", if: check) }
        let stored = try await desk.known("hook")
        #expect(stored.url == url)
        let definition = try ScheduleDefinition(json: ["task": "desk/echo", "when": "@daily"])
        await #expect(throws: EngineError.self) {
            try await runtime.setSchedule("nightly", definition, by: "eve", if: check)
        }
        #expect(try await server.ask(.operatorOfAll, "GET", "/schedules").json()["schedules"] == [])
        try await server.stop()
    }

    @Test("where departments may reach inside, a tenant's webhooks may not, and the operators' may")
    func inside() async throws {
        let here = try HostPattern("127.0.0.1")
        let server = try await TestServer.start { $0.fetches = FetchSettings(privateHosts: [here]) }
        for (caller, name, isRefused) in [(TestServer.Caller.operatorOfAll, "own", false), (Self.ann, "theirs", true)] {
            let path = "/webhooks/\(name)"
            let made = try await server.ask(caller, "PUT", path, ["url": "https://127.0.0.1/status"])
            #expect(made.status == 201)
            // Nobody listens there: what matters is whether it was tried.
            let answer = try await server.ask(caller, "POST", path + "/test")
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(text.contains("fetches do not go inside") == isRefused, "\(name): \(answer.status) \(text)")
        }
        try await server.stop()
    }

    @Test("a tenant's people see by which rules is decided, and not by whom")
    func approvers() async throws {
        let server = try await TestServer.start()
        let rule: JSONValue = [
            "approvers": ["dora"], "escalations": [["after_seconds": 60, "approvers": ["emil"]]],
        ]
        #expect(try await server.ask(.operatorOfAll, "PUT", "/approval-rules/desk", rule).status == 200)
        for (caller, isShown) in [(TestServer.Caller.operatorOfAll, true), (Self.eve, false)] {
            let rules = try await server.ask(caller, "GET", "/approval-rules"), json = try rules.json()
            let text = String(decoding: rules.body, as: UTF8.self)
            #expect(text.contains("dora") == isShown && text.contains("emil") == isShown, "\(text)")
            #expect(json["rules"]?.arrayValue?.first?["quorum"] == 1, "\(text)")
        }
        try await server.stop()
    }

    @Test("nobody names another tenant or user than their own; who may act for others does")
    func naming() async throws {
        let server = try await TestServer.start()
        let task: JSONValue = ["task": "echo", "user": "ben"]
        let plain = TestServer.Caller.user("eve", of: "umbrella", "agents.execute")
        #expect(try await server.ask(plain, "POST", "/agents/desk/execute", task).status == 403)
        let gate = TestServer.Caller.user("gate", of: "umbrella", "agents.execute,runs.execute_for")
        #expect(try await server.ask(gate, "POST", "/agents/desk/execute", task).status == 202)
        let elsewhere = ["x-bureau-tenant": "acme"]
        let echo: JSONValue = ["task": "echo"]
        #expect(try await server.ask(Self.eve, "POST", "/agents/desk/execute", echo, headers: elsewhere).status == 403)
        #expect(try await server.ask(Self.eve, "POST", "/subjects", ["tenant": "acme"]).status == 403)
        let schedule: JSONValue = ["name": "s", "task": "desk/echo", "when": "@daily", "tenant": "acme"]
        #expect(try await server.ask(Self.eve, "POST", "/schedules", schedule).status == 403)
        let filter: JSONValue = ["url": "https://example.com", "filter": ["tenants": ["acme"]]]
        #expect(try await server.ask(Self.eve, "PUT", "/webhooks/w", filter).status == 403)
        let run = try await server.run(.operatorOfAll, headers: elsewhere)
        #expect(try await server.ask(Self.ann, "GET", "/jobs/\(run)").json()["tenant"] == "acme")
        // Nothing slips into a body beside what is described.
        for more in ["role", "tenant", "balance", "admin"] {
            let body: JSONValue = .object(["task": "echo", more: "x"])
            let answer = try await server.ask(Self.eve, "POST", "/agents/desk/execute", body)
            #expect(answer.status == 422, "\(more)")
        }
        try await server.stop()
    }

    @Test("people are known by the addresses they sign in with: they run, schedule and have budgets")
    func addresses() async throws {
        let server = try await TestServer.start()
        let ada = TestServer.Caller.user("ada@example.org", of: "acme")
        let run = try await server.run(ada)
        #expect(try await server.ask(ada, "GET", "/jobs/\(run)").status == 200)
        let own = TestServer.Caller.user("ada@example.org", of: "acme", "runs.read_own")
        #expect(try await server.ask(own, "GET", "/jobs/\(run)").status == 200)
        let schedule: JSONValue = ["name": "hers", "task": "desk/echo", "when": "@daily"]
        #expect(try await server.ask(ada, "POST", "/schedules", schedule).status == 201)
        let budget: JSONValue = ["limit": "5"]
        let node = "/budgets/user:acme/ada@example.org"
        #expect(try await server.ask(ada, "PUT", node, budget).status == 200)
        #expect(try await server.ask(ada, "GET", node).json()["limit_nanodollars"] == 5_000_000_000)
        for user in ["ben@example.org", "gate"] {
            let task: JSONValue = ["task": "echo", "user": .string(user)]
            #expect(try await server.ask(ada, "POST", "/agents/desk/execute", task).status == 202, "\(user)")
        }
        for user in ["a/b@example.org", "Ben", "@"] {
            let task: JSONValue = ["task": "echo", "user": .string(user)]
            #expect(try await server.ask(ada, "POST", "/agents/desk/execute", task).status == 400, "\(user)")
        }
        try await server.stop()
    }

    @Test("what has no owner within a tenant is opened by no right to one's own or one's team's")
    func ownerless() async throws {
        let server = try await TestServer.start()
        let letter = try #require(try await seed(server)["events.letters"]?["letter"])
        let resources = ["events", "webhooks", "triggers", "subjects", "oversight", "agents"]
        let paths = [
            "/events/dead-letters", "/events/dead-letters/\(letter)", "/events/groups", "/events/groups/acme-group",
            "/events/groups/acme-group/pending", "/webhooks", "/webhooks/acme-hook/attempts", "/triggers", "/subjects",
            "/holds", "/agents/desk/inbox",
        ]
        for (verb, status) in [("read_own", 403), ("read_team", 403), ("read", 200)] {
            let scopes = resources.map { "\($0).\(verb)" }.joined(separator: ",")
            let caller = TestServer.Caller.user("dev", of: "acme", scopes, colleagues: "ann")
            for path in paths {
                let answer = try await server.ask(caller, "GET", path)
                #expect(answer.status == status, "\(path) with \(verb): \(answer.status)")
            }
            #expect(try await server.ask(caller, "GET", "/events").status == 200, "\(verb)")
        }
        try await server.stop()
    }

    @Test("whoever may see only their own sees nobody else's, and a team its members'")
    func owners() async throws {
        let server = try await TestServer.start()
        let scopes = "runs.read_own,agents.execute,events.read_own,approvals.read_own,budgets.read_own,costs.read_own"
        let dev = TestServer.Caller.user("dev", of: "acme", scopes)
        let other = TestServer.Caller.user("other", of: "acme", scopes)
        let lead = TestServer.Caller.user("lead", of: "acme", "runs.read_team", colleagues: "dev")
        let mine = try await server.run(dev), theirs = try await server.run(other)
        func listed(_ caller: TestServer.Caller) async throws -> [String] {
            try await server.ask(caller, "GET", "/jobs").json()["jobs"]?.arrayValue?.compactMap {
                $0["id"]?.stringValue
            }
                ?? []
        }
        #expect(try await listed(dev) == [mine])
        #expect(try await listed(lead) == [mine])
        #expect(Set(try await listed(Self.ann)) == [mine, theirs])
        #expect(try await server.ask(dev, "GET", "/jobs/\(theirs)").status == 404)
        #expect(try await server.ask(lead, "GET", "/runs/\(theirs)").status == 404)
        #expect(try await server.ask(dev, "POST", "/jobs/\(mine)/cancel").status == 403)
        let events = String(decoding: try await server.ask(dev, "GET", "/events").body, as: UTF8.self)
        #expect(events.contains(mine) && !events.contains(theirs))
        #expect(try await server.ask(dev, "GET", "/budgets/tenant:acme").status == 404)
        // Reading one's own is not doing everything: `read_own` opens neither acting nor stopping.
        let stop: JSONValue = ["node": "tenant:acme", "reason": "x"]
        #expect(try await server.ask(dev, "POST", "/budgets/stop", stop).status == 403)
        try await server.stop()
    }
}
