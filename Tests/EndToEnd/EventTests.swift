import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Events, triggers and webhooks, by the real command", .timeLimit(.minutes(3)))
struct EventTests {
    private static let echo = #"{"task":"echo","parameters":{"text":"hello","count":1}}"#
    private static let by = #"{"by":"ana"}"#

    private func serve(_ options: String...) throws -> Served {
        let desk = try CompiledPlugin.desk.get()
        return options.isEmpty
            ? try Served(try Command(), desk: desk)
            : try Served(
                try Command(), desk: desk, "--allow-plain-http", options[0], "--allow-private-host", options[0])
    }

    private func run(_ served: Served, _ task: String) throws -> String {
        let job = try #require(try served.post("/agents/desk/execute", task).json()["job_id"]?.stringValue)
        _ = try served.get("/jobs/\(job)/events")
        return job
    }

    /// Asks again until it holds; the deadline is only there to end.
    private func wait(_ what: String, _ holds: () throws -> Bool) throws {
        let end = Date().addingTimeInterval(Command.limitSeconds)
        while try !holds() {
            guard Date() < end else { throw Failure(.deadline, what) }
            usleep(50_000)
        }
    }

    @Test("a run's life is told in order, by the names that consumers know, over HTTP, the command and the feed")
    func names() throws {
        let served = try serve()
        let job = try run(served, Self.echo)
        let events = try served.get("/events?topic=run.*&topic=automation.*").json()["events"]?.arrayValue ?? []
        let mine = events.filter { $0["subject"]?.stringValue == job }
        #expect(
            mine.compactMap { $0["type"]?.stringValue } == ["automation.run.requested", "run.started", "run.completed"])
        #expect(mine.allSatisfy { $0["correlationid"]?.stringValue == job && $0["specversion"] == "1.0" })
        // The feed has no end: curl ends it, with its code for that.
        let feed = try served.command.run(
            ["curl", "-sS", "--max-time", "2", served.address + "/events/stream?topic=run.completed"],
            program: "/usr/bin/env")
        #expect(feed.status == 28)
        #expect(feed.output.contains("event: run.completed") && !feed.output.contains("event: run.started"))
        let listed = try served.command("events", "--json", "--topic", "run.*")
        #expect(listed.output.split(separator: "\n").count == 2, "\(listed.output) \(listed.errors)")
        let refused = try served.command("events", "--where", #"{"pointer":"status","is":1}"#)
        #expect(refused.status == 2 && refused.errors.contains("/where/0"))
        #expect(served.stop() == 0)
    }

    @Test("a group shares events: read, acknowledge, reject to the dead letters, reprocess, reset, each as told")
    func groups() throws {
        let served = try serve()
        let group = #"{"name":"manager_group","by":"ana","filter":{"topics":["run.failed"]},"maximum_deliveries":1}"#
        #expect(try served.post("/events/groups", group).status == 201)
        #expect(try served.post("/events/groups", group).status == 409)
        _ = try run(served, #"{"task":"fail","parameters":{}}"#)
        let read = try served.post("/events/groups/manager_group/read", #"{"consumer":"manager_1"}"#).json()
        let event = try #require(read["events"]?.arrayValue?.first)
        #expect(event["data"]?["message"]?.stringValue?.contains("printer") == true)
        let position = try #require(event["id"]?.stringValue)
        let pending = try served.get("/events/groups/manager_group/pending").json()["pending"]?.arrayValue
        #expect(pending?.first?["consumer"] == "manager_1")
        let rejected = try served.post(
            "/events/groups/manager_group/reject",
            #"{"id":\#(position),"reason":"no ink","retry_after_milliseconds":1}"#)
        #expect(try rejected.json() == ["dead_letter": 1])
        #expect(try served.command("events", "dlq", "length").output == "1\n")
        #expect(try served.post("/events/dead-letters/1/reprocess", Self.by).status == 204)
        #expect(try served.post("/events/dead-letters/1/reprocess", Self.by).status == 400)
        let again = try served.post("/events/groups/manager_group/read", #"{"consumer":"manager_2"}"#).json()
        #expect(again["events"]?.arrayValue?.first?["id"]?.stringValue == position)
        let done = try served.post("/events/groups/manager_group/ack", #"{"ids":[\#(position)]}"#).json()
        #expect(done == ["acknowledged": 1])
        #expect(try served.get("/events/groups/nobody").status == 404)
        #expect(served.stop() == 0)
        // The store is free now.
        let reset = try served.command("events", "groups", "reset", "manager_group", "--to", "start")
        #expect(reset.status == 2 && reset.errors.contains("--yes"))
        #expect(try served.command("events", "groups", "reset", "manager_group", "--to", "start", "--yes").status == 0)
        let third = try served.command("events", "read", "manager_group", "--consumer", "me", "--json")
        #expect(third.output.contains("run.failed"), "\(third.output) \(third.errors)")
        #expect(try served.command("audit", "verify").status == 0)
    }

    @Test("a trigger starts one run for each event with the event's data, also after a kill; a circle of triggers ends")
    func triggers() throws {
        var served = try serve()
        let rule = """
            {"by":"ana","task":"desk/echo","filter":{"topics":["run.failed"]},
             "input":{"text":{"$event":"/data/message"},"count":1}}
            """
        #expect(try served.put("/triggers/on-failure", rule).status == 200)
        #expect(try served.put("/triggers/bad", #"{"by":"a","task":"desk/none"}"#).status == 404)
        func echoes() throws -> [JSONValue] {
            let jobs = try served.get("/jobs?department=desk&limit=100").json()["jobs"]?.arrayValue ?? []
            return jobs.filter { $0["task"]?.stringValue?.hasSuffix("echo") == true }
        }
        _ = try run(served, #"{"task":"fail","parameters":{}}"#)
        try wait("the trigger's run ends") { try echoes().contains { $0["status"] == "done" } }
        kill(served.started.process.processIdentifier, SIGKILL)
        served.started.process.waitUntilExit()
        let command = served.command
        served = try Served(command, desk: try CompiledPlugin.desk.get())
        _ = try run(served, #"{"task":"fail","parameters":{}}"#)
        try wait("the second run ends") { try echoes().count { $0["status"] == "done" } == 2 }
        let shown = try served.get("/jobs/\(try #require(echoes().first?["id"]?.stringValue))").json()
        #expect(shown["output"]?["text"]?.stringValue?.contains("printer") == true)

        let circle =
            #"{"by":"ana","task":"desk/echo","filter":{"topics":["run.completed"]},"input":{"text":"on","count":1}}"#
        #expect(try served.put("/triggers/circle", circle).status == 200)
        _ = try run(served, Self.echo)
        try wait("the circle is cut") {
            let letters = try served.get("/events/dead-letters").json()["dead_letters"]?.arrayValue ?? []
            return letters.contains { $0["reason"]?.stringValue?.contains("for ever") == true }
        }
        #expect(try echoes().count == 2 + 1 + 16)
        #expect(served.stop() == 0)
        #expect(try command("audit", "verify").status == 0)
    }

    @Test("webhooks arrive signed, are tried again, follow no redirect, and end at 410; the official library agrees")
    func webhooks() async throws {
        let receiver = try await ScriptServer.start(
            URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("Clients/webhook_receiver.py"))
        let inside = "127.0.0.1:\(receiver.port)", address = "http://\(inside)"
        let served = try serve(inside)
        var secrets: [String] = []
        for (name, path) in [("good", "ok"), ("flaky", "flaky"), ("gone", "gone"), ("moved", "moved")] {
            let body = #"{"by":"ana","url":"\#(address)/\#(path)","filter":{"topics":["run.completed"]}}"#
            let made = try served.put("/webhooks/\(name)", body)
            #expect(made.status == 201, "\(made.body)")
            let secret = try #require(try made.json()["secret"]?.stringValue)
            #expect(secret.hasPrefix("whsec_"))
            secrets.append(secret)
            #expect(try !served.get("/webhooks").body.contains(secret))
        }
        func tell(_ secrets: [String]) throws {
            _ = try served.curl(["-d", JSONValue.array(secrets.map { .string($0) }).serialized(), address + "/secrets"])
        }
        func seen(_ path: String) throws -> [JSONValue] {
            try served.curl([address + "/seen"]).json().arrayValue?.filter { $0["path"]?.stringValue == path } ?? []
        }
        try tell(secrets)
        let job = try run(served, Self.echo)
        try wait("all have been told") { try seen("/ok").count == 1 && seen("/flaky").count == 2 }
        #expect(try seen("/ok").first?["verified"] == [true, false, false, false])
        #expect(try seen("/ok").first?["subject"]?.stringValue == job)
        let tries = try seen("/flaky")
        #expect(tries[0]["id"] == tries[1]["id"] && tries[1]["verified"] == [false, true, false, false])
        try wait("the gone one is off") {
            let all = try served.get("/webhooks").json()["webhooks"]?.arrayValue ?? []
            return all.contains { $0["name"] == "gone" && $0["enabled"] == false }
        }
        let attempts = try served.get("/webhooks/moved/attempts").json()["attempts"]?.arrayValue ?? []
        #expect(attempts.first?["status"] == 302)

        // During the overlap both secrets verify.
        let rotated = try served.post("/webhooks/good/rotate", #"{"by":"ana","overlap_seconds":3600}"#).json()
        try tell([secrets[0], try #require(rotated["secret"]?.stringValue)])
        _ = try run(served, Self.echo)
        try wait("the second message comes") { try seen("/ok").count == 2 }
        #expect(try seen("/ok").last?["verified"] == [true, true])
        #expect(try served.post("/webhooks/good/test").json() == ["status": 204])
        #expect(try seen("/gone").count == 1)
        #expect(served.stop() == 0)
        let store = try FileManager.default.contentsOfDirectory(atPath: served.command.store)
            .filter { !$0.hasPrefix("keys.") }
            // What the published log says stands in the journal too.
            .filter { $0 != "audit" }
            .map { try Data(contentsOf: URL(fileURLWithPath: served.command.store + "/" + $0)) }
        #expect(!store.contains { $0.range(of: Data(secrets[0].dropFirst(6).utf8)) != nil }, "a secret is in the store")
    }

    @Test("a webhook that leads inside is refused without the operator's word, and says why")
    func inside() async throws {
        let served = try serve()
        let body = #"{"by":"ana","url":"https://127.0.0.1:9/x"}"#
        #expect(try served.put("/webhooks/in", body).status == 201)
        let test = try served.post("/webhooks/in/test")
        #expect(test.status == 424 && test.body.contains("allow-private-host"), "\(test.body)")
        #expect(try served.put("/webhooks/no", #"{"by":"ana","url":"ftp://example.com"}"#).status == 400)
        #expect(served.stop() == 0)
    }
}
