import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Every operation asks for what its description says", .timeLimit(.minutes(5)))
struct RightsTests {
    /// What anybody may ask for: everything else wants to know who asks.
    private static let open: Set<String> = [
        "host.health", "host.ready", "docs.openapi", "docs.openapi30", "docs.page", "docs.script", "docs.style",
        "auth.login", "auth.refresh", "auth.logout", "auth.setup", "auth.keys", "sockets.open", "sockets.system",
        "sockets.client", "mfa.challenge", "mfa.verify", "oidc.start", "oidc.callback",
    ]

    /// What concerns nobody but the caller.
    private static let own: Set<String> = [
        "auth.me", "auth.password", "keys.list", "keys.add", "keys.revoke", "sessions.list", "sessions.end",
        "tokens.mint", "mfa.list", "mfa.remove", "mfa.recovery", "mfa.totp.add", "mfa.totp.confirm", "mfa.sms.add",
        "mfa.sms.confirm", "mfa.webauthn.begin", "mfa.webauthn.add", "step_up", "step_up.challenge",
    ]
    /// Operations whose desk refuses by itself what its gate let through: nobody gives more than they have, and only
    /// accounts have keys and sessions.
    private static let judged = [
        "users.", "services.", "roles.", "teams.", "tenants.", "keys.", "sessions.", "auth.", "tokens.",
        "notifications.", "mfa.",
    ]
    /// Operations that the right to run one department's tasks opens too, for that department.
    private static let byDepartment: Set = ["agents.execute", "agents.task"]

    /// A stream never ends by itself: its gate answers HEAD too.
    private func ask(
        _ server: TestServer, _ operation: APIDescription.Operation, _ caller: TestServer.Caller
    ) async throws -> LoopbackClient.Response {
        let method = operation.method == "GET" ? "HEAD" : operation.method
        return try await server.ask(caller, method, operation.filled())
    }

    @Test("without a credential everything is 401 but a named few, in all versions")
    func nobody() async throws {
        let server = try await TestServer.start()
        #expect(Set(server.description.operations.filter(\.isOpen).map(\.id)) == Self.open)
        // What proves who somebody is answers 401 to who proves nothing.
        let proving: Set = ["auth.login", "auth.refresh", "auth.setup", "mfa.challenge", "mfa.verify", "oidc.callback"]
        for operation in server.description.operations where !proving.contains(operation.id) {
            let status = try await ask(server, operation, .nobody).status
            #expect((status == 401) == !Self.open.contains(operation.id), "\(operation.id): \(status)")
            guard operation.item["servers"] == nil else { continue }
            for version in ["/v1", "/v2", "/v3"] {
                let same = try await server.ask(
                    .nobody, operation.method == "GET" ? "HEAD" : operation.method, version + operation.filled())
                #expect(same.status == status, "\(version) \(operation.id)")
                #expect((same.headers["deprecation"] != nil) == (version == "/v1"), "\(version) \(operation.id)")
            }
        }
        let broken = try await server.ask(TestServer.Caller(token: "nonsense"), "GET", "/jobs")
        #expect(broken.status == 401 && broken.headers["www-authenticate"] != nil)
        try await server.stop()
    }

    @Test("all permissions but its own do not open an operation; its own one alone does")
    func exact() async throws {
        let server = try await TestServer.start()
        let all = Resource.allCases.flatMap { resource in
            Verb.allCases.map { Permission(resource, $0).description }
        }
        for operation in server.description.operations where !operation.isOpen {
            // What concerns the caller alone is asked for by who one is, not by a permission.
            guard let own = operation.permission else {
                #expect(Self.own.contains(operation.id), "\(operation.id) says no permission")
                continue
            }
            #expect(all.contains(own), "\(operation.id) needs \(own), which is none")
            // `read_own` is a part of `read`, not another permission.
            let more = Self.byDepartment.contains(operation.id) ? ["life.execute", "analytics.execute"] : []
            let others = all.filter { !([own, "\(own)_own", "\(own)_team"] + more).contains($0) }
            let refused = try await ask(
                server, operation, .user("eve", of: nil, others.joined(separator: ",")))
            #expect(refused.status == 403, "\(operation.id) with all but \(own): \(refused.status)")
            guard !Self.judged.contains(where: operation.id.hasPrefix) else { continue }
            let admitted = try await server.ask(
                .user("ann", of: nil, own), operation.method == "GET" ? "HEAD" : operation.method, operation.filled())
            let code = admitted.body.isEmpty ? nil : try? admitted.json()["code"]?.stringValue
            #expect(admitted.status != 401 && code != "forbidden", "\(operation.id) with \(own): \(admitted.status)")
            let tenant = try await ask(server, operation, .user("ben", of: "acme"))
            #expect(
                (tenant.status == 403) == operation.isForOperators, "\(operation.id) for a tenant: \(tenant.status)")
        }
        try await server.stop()
    }

    @Test("who may run one department's tasks runs those, and no other's")
    func department() async throws {
        let server = try await TestServer.start()
        let body: JSONValue = ["task": "echo", "parameters": ["text": "hello"]]
        let train: JSONValue = ["task": "train", "parameters": ["text": "hello"]]
        for (scope, desk, analytics) in [
            ("desk.execute", 202, 403), ("analytics.execute", 403, 202), ("desk.read", 403, 403),
            ("agents.execute", 202, 202), ("budgets.execute", 403, 403), ("desk.*", 202, 403),
        ] {
            let caller = TestServer.Caller.user("eve", of: "acme", scope)
            let first = try await server.ask(caller, "POST", "/agents/desk/execute", body)
            let second = try await server.ask(caller, "POST", "/agents/analytics/execute", train)
            #expect((first.status, second.status) == (desk, analytics), "\(scope)")
        }
        try await server.stop()
    }

    @Test("no other way to start runs goes round the right to run a department's tasks")
    func otherWays() async throws {
        let server = try await TestServer.start()
        let all = "plans.execute,schedules.write,schedules.execute,triggers.write,runs.read,runs.write,models.execute"
        let eve = TestServer.Caller.user("eve", of: "acme", all)
        let ann = TestServer.Caller.user("ann", of: "acme", all + ",desk.execute")
        let run = try await server.run(.user("ann", of: "acme"), "echo", ["text": "hello"])
        let schedule: JSONValue = ["name": "nightly", "task": "desk/echo", "when": "0 3 * * *"]
        let ways: [(String, String, JSONValue)] = [
            ("POST", "/jobs/\(run)/fork", ["step": 0]), ("POST", "/schedules", schedule),
            ("PUT", "/triggers/on-end", ["task": "desk/echo"]),
            ("POST", "/schedules/nightly/backfill", ["from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"]),
        ]
        for (method, path, body) in ways {
            let refused = try await server.ask(eve, method, path, body)
            #expect(refused.status == 403, "\(path): \(refused.status)")
            let admitted = try await server.ask(ann, method, path, body)
            #expect((200..<300).contains(admitted.status), "\(path): \(admitted.status)")
        }
        let retried = try await server.ask(eve, "POST", "/jobs/\(run)/retry")
        #expect(retried.status == 403)
        let booked = try await server.ask(
            eve, "POST", "/v1/chat/completions",
            ["model": "offline/extractive-1", "messages": [["role": "user", "content": "hello"]]],
            headers: ["x-bureau-department": "desk"])
        #expect(booked.status == 403)
        try await server.stop()
    }

    @Test("what a person decides is refused to keys")
    func people() async throws {
        let server = try await TestServer.start()
        let review = try await server.run(.user("ann", of: "acme"), "review", ["text": "hello"], until: "waiting")
        let key = try await server.ask(
            .nobody, "POST", "/approvals/\(review):0/review", ["action": "approve"],
            headers: ["X-API-Key": "name=robot;tenant=acme"])
        #expect(key.status == 403)
        #expect(try key.json()["code"] == "person_needed")
        let open = try await server.ask(
            .nobody, "GET", "/approvals", headers: ["X-API-Key": "name=robot;tenant=acme"])
        #expect(open.status == 200)
        try await server.stop()
    }

    @Test("a run waits for a person where its submitter asks for that, and is released by the decision")
    func reviewed() async throws {
        let server = try await TestServer.start(), ann = TestServer.Caller.user("ann", of: "acme")
        let started = try await server.ask(
            ann, "POST", "/agents/desk/execute",
            ["task": "echo", "parameters": ["text": "hello"], "requires_approval": true])
        let id = try started.json()["job_id"]?.stringValue ?? ""
        func status() async throws -> String? {
            try await server.ask(ann, "GET", "/jobs/\(id)").json()["status"]?.stringValue
        }
        func wait(for wanted: String) async throws {
            for _ in 0..<600 where try await status() != wanted { try await Task.sleep(for: .milliseconds(50)) }
        }
        try await wait(for: "waiting")
        let shown = try await server.ask(ann, "GET", "/jobs/\(id)").json()
        #expect(shown["status"] == "waiting" && shown["requires_approval"] == true, "\(shown)")
        let open = try await server.ask(ann, "GET", "/approvals").json()["approvals"]?.arrayValue ?? []
        let approval = try #require(open.first { $0["run"] == .string(id) }?["id"]?.stringValue, "\(open)")
        let decided = try await server.ask(
            .user("bob", of: "acme"), "POST", "/approvals/\(approval)/review",
            ["action": "approve", "reason": "fine"])
        #expect(decided.status == 200, "\(decided.status)")
        try await wait(for: "done")
        #expect(try await status() == "done")
        try await server.stop()
    }

    @Test("the table of rights is the one that was reviewed")
    func table() async throws {
        let server = try await TestServer.start()
        let lines = server.description.operations.map { operation in
            [
                operation.id, operation.method, operation.path,
                operation.permission ?? (operation.isOpen ? "open" : "signed in"),
                operation.isForOperators ? "operators" : "",
            ].joined(separator: "\t")
        }
        let text = (["operation\tmethod\tpath\tpermission\tonly"] + lines.sorted()).joined(separator: "\n") + "\n"
        let file = Built.checkout.appendingPathComponent("Tests/Server/rights.tsv")
        if ProcessInfo.processInfo.environment["BUREAU_TEST_WRITE"] != nil {
            try Data(text.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text, "BUREAU_TEST_WRITE=1 writes the new table")
        try await server.stop()
    }
}
