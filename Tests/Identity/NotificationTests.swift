import Engine
import Foundation
import Gateway
import Journal
import Kernel
import Placement
import TestSupport
import Testing

@Suite("People are told", .serialized)
struct NotificationTests {
    private static let limitSeconds = 60.0

    private struct Stage {
        let folder: Scratch
        let peer: Peer
        let ports: JSONValue
        let runtime: HostRuntime

        static func make(on folder: Scratch? = nil, _ peer: Peer? = nil) async throws -> Stage {
            let folder = try folder ?? Scratch()
            let peer = if let peer { peer } else { try await Peer.start("receivers.py", folder.path) }
            let here = try HostPattern("127.0.0.1:\(peer.port)")
            var fetches = FetchSettings(plainHosts: [here], privateHosts: [here])
            fetches.certificateFile = folder.folder("server.pem")
            var settings = HostSettings(
                storeFolder: folder.folder("store"), pluginPaths: [], workerPath: Built.binary("bureau-worker").path,
                providers: [OfflineProvider()], priceBook: .builtIn, gateway: GatewaySettings(), fetches: fetches)
            settings.servesEvents = true
            settings.vault = KeyVault(path: folder.folder("v"), keyPath: folder.folder("vk"))
            return Stage(
                folder: folder, peer: peer, ports: try peer.get("/ports"),
                runtime: try await HostRuntime.open(settings))
        }

        func mail(_ name: String = "plain", _ more: [String: JSONValue] = [:]) -> JSONValue {
            var members: [String: JSONValue] = [
                "kind": "smtp", "host": "127.0.0.1", "port": ports[name] ?? .null, "from": "bureau@example.org",
                "to": ["ana@example.org", "bob@example.org"], "security": name == "plain" ? "none" : "starttls",
            ]
            members.merge(more, uniquingKeysWith: { $1 })
            return .object(members)
        }

        func set(_ name: String, _ settings: JSONValue, secret: String? = nil) async throws -> String? {
            try await runtime.notifications().set(
                name, settings: settings, filter: nil, secret: secret, by: "ana"
            ).secret
        }

        /// A run whose next step is for a person to decide.
        @discardableResult
        func ask(
            _ title: String, _ sensitivity: Sensitivity = .internal, key: String = UUID().uuidString
        ) async throws -> RunID {
            let runtime = runtime
            var run = NewRun(
                id: runtime.newRunID(), tenant: "acme", task: TaskReference(department: "none", task: "t"),
                input: [], idempotencyKey: key)
            run.classification = Classification(sensitivity)
            let new = run
            try await runtime.change { tx throws(JournalError) in
                _ = try tx.runInsert(new)
                try tx.approvalOpen(
                    ApprovalRecord(
                        run: new.id, sequence: 1,
                        request: ApprovalRequest(
                            title: title, body: "the secret body", content: Array("the secret content".utf8),
                            expiresMilliseconds: 3_600_000),
                        openedAt: tx.now, expiresAt: tx.now.advanced(byMilliseconds: 3_600_000)))
            }
            return new.id
        }

        func seen() throws -> [JSONValue] { try peer.get("/seen").arrayValue ?? [] }

        /// Asks again until it holds; the deadline is only there to end.
        func wait(_ what: String, _ holds: () async throws -> Bool) async throws {
            let end = Date().addingTimeInterval(limitSeconds)
            while try await !holds() {
                guard Date() < end else { throw Failure(.deadline, "\(what): \(try seen())") }
                try await Task.sleep(for: .milliseconds(30))
            }
        }
    }

    @Test("a request to decide is told by mail, to Slack and to a webhook, once each, and leaves its leaf")
    func told() async throws {
        let stage = try await Stage.make()
        #expect(try await stage.set("mail", stage.mail("plain", ["base_url": "https://bureau.example.org/"])) == nil)
        let address = stage.peer.address
        #expect(try await stage.set("slack", ["kind": "slack", "url": .string(address + "/slack/T0/SECRET")]) == nil)
        let secret = try #require(try await stage.set("hook", ["kind": "webhook", "url": .string(address + "/hook")]))
        try stage.peer.post("/secret", .string(secret))
        let run = try await stage.ask("Pay <the> printer & co?")
        try await stage.wait("all are told") { try stage.seen().count >= 3 }
        let seen = try stage.seen()
        let mail = try #require(seen.first { $0["way"] == "mail" })
        #expect(mail["to"] == ["ana@example.org", "bob@example.org"] && mail["defects"] == [])
        #expect(mail["subject"] == "[Bureau] A decision is asked for in none")
        let text = try #require(mail["text"]?.stringValue)
        #expect(text.contains("Pay <the> printer & co?"))
        #expect(text.contains("https://bureau.example.org/approvals/\(run)/1"))
        let slack = try #require(seen.first { $0["way"] == "/slack/T0/SECRET" })
        #expect(slack["body"]?["text"]?.stringValue?.contains("Pay &lt;the&gt; printer &amp; co?") == true)
        let hook = try #require(seen.first { $0["way"] == "/hook" })
        #expect(hook["verified"] == true && hook["body"]?["type"] == "approval.requested")
        for one in seen {
            #expect(!one.serialized().contains("secret body") && !one.serialized().contains("content\""))
        }
        // What Slack's address is stands in no row.
        let channels = try await stage.runtime.journal.read { tx throws(JournalError) in
            try tx.notificationChannels()
        }
        #expect(channels.allSatisfy { !$0.settings.serialized().contains("SECRET") })
        try await stage.ask("Another?")
        try await stage.wait("all are told of the second") { try stage.seen().count >= 6 }
        try await stage.wait("each has its leaf") {
            try await stage.runtime.journal.read { tx throws(JournalError) in
                try tx.auditLeaves(from: 0, limit: 1_000)
            }.filter { String(decoding: $0.bytes, as: UTF8.self).contains(#""type":"notification.sent""#) }.count == 6
        }
        #expect(try stage.seen().count == 6)
        await stage.runtime.shutdown()
        // The next host tells nothing again.
        let next = try await Stage.make(on: stage.folder, stage.peer)
        try await next.ask("A third?")
        try await next.wait("the third is told") { try next.seen().count >= 9 }
        #expect(try next.seen().count == 9)
        let mismatches = try await next.runtime.journal.read { tx throws(JournalError) in try tx.auditMismatches() }
        #expect(mismatches == [])
        await next.runtime.shutdown()
    }

    @Test("of restricted data a channel says only that it is there")
    func classes() async throws {
        let stage = try await Stage.make()
        _ = try await stage.set("mail", stage.mail())
        let run = try await stage.ask("Merge with Globex?", .restricted)
        try await stage.wait("it is told") { try stage.seen().count == 1 }
        let text = try #require(try stage.seen()[0]["text"]?.stringValue)
        #expect(!text.contains("Globex") && text.contains("classified") && text.contains(run.description))
        await stage.runtime.shutdown()
    }

    @Test("nothing that a plugin says becomes a header, a receiver or a line of the protocol")
    func injection() async throws {
        let stage = try await Stage.make()
        _ = try await stage.set("mail", stage.mail())
        try await stage.ask(
            "x\r\nBcc: evil@example.org\r\n.\r\nMAIL FROM:<a@b>\u{202E}\u{1B}[31m\n.\n"
                + String(repeating: "é", count: 90))
        try await stage.wait("it is told") { try stage.seen().count == 1 }
        let mail = try stage.seen()[0]
        let names = (mail["headers"]?.arrayValue ?? []).compactMap { $0.arrayValue?.first?.stringValue }
        #expect(
            Set(names) == [
                "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
                "Content-Transfer-Encoding", "Auto-Submitted",
            ])
        #expect(mail["to"] == ["ana@example.org", "bob@example.org"] && mail["defects"] == [])
        let text = try #require(mail["text"]?.stringValue)
        #expect(!text.unicodeScalars.contains { $0 == "\u{202E}" || $0 == "\u{1B}" || $0 == "\r" })
        #expect(!text.contains("\nBcc") && text.contains("Bcc: evil"))
        let message = MailMessage(
            from: try #require(MailAddress("a@example.org")), to: [try #require(MailAddress("b@example.org"))],
            subject: "a\r\nBcc: c@example.org", body: "b", id: "i\r\nX: y", date: Instant(unixMilliseconds: 0))
        let lines = String(decoding: message.bytes, as: UTF8.self).split(separator: "\r\n")
        #expect(lines.contains("Date: Thu, 01 Jan 1970 00:00:00 +0000"))
        #expect(
            !lines.contains { $0.hasPrefix("Bcc") || $0.hasPrefix("X:") } && lines.allSatisfy { $0.utf8.count <= 998 })
        for wrong in [
            "a@b\r\nc", "a b@c.org", "a@b@c.org", "@b.org", "a@", "\"a\"@b.org", "a@b.org>", "a..b@c.org", "é@b.org",
        ] {
            #expect(MailAddress(wrong) == nil, "\(wrong)")
        }
        await stage.runtime.shutdown()
    }

    @Test("over TLS with a password, which stays in the vault; without TLS, or with a wrong one, nothing is sent")
    func secure() async throws {
        let stage = try await Stage.make()
        #expect(try await stage.set("mail", stage.mail("starttls", ["user": "bureau"]), secret: "pa ss") == nil)
        #expect(try await stage.runtime.testNotification("mail").get() == 250)
        let mail = try #require(try stage.seen().first)
        #expect(mail["tls"] == true && mail["user"] == "bureau")
        await #expect(throws: EngineError.self) {
            _ = try await stage.set("clear", stage.mail("plain", ["user": "bureau"]), secret: "pa ss")
        }
        _ = try await stage.set("wrong", stage.mail("starttls", ["user": "bureau"]), secret: "other")
        await #expect(throws: Failure.self) { try await stage.runtime.testNotification("wrong").get() }
        _ = try await stage.set("nottls", stage.mail("plain", ["security": "starttls"]))
        await #expect(throws: Failure.self) { try await stage.runtime.testNotification("nottls").get() }
        // A password goes to no other server than the one it was given for.
        await #expect(throws: EngineError.self) {
            _ = try await stage.set("mail", stage.mail("plain", ["user": "bureau", "security": "tls"]))
        }
        #expect(try stage.seen().count == 1)
        await stage.runtime.shutdown()
        let file = try Data(contentsOf: URL(fileURLWithPath: stage.folder.folder("store/journal.sqlite")))
        #expect(file.range(of: Data("pa ss".utf8)) == nil)
    }

    @Test("what fails is tried again, what is refused for good is a dead letter at once, and 410 ends the channel")
    func failing() async throws {
        let stage = try await Stage.make()
        try stage.peer.post("/mode", ["mail": "later", "times": 1])
        _ = try await stage.set("mail", stage.mail())
        try await stage.ask("Once more?")
        // The schedule's first wait is five seconds.
        try await stage.wait("it is told in the end") { try stage.seen().count == 2 }
        #expect(try stage.seen().map { $0["failed"] ?? .null } == ["later", .null])
        #expect(try stage.seen()[0]["id"] == stage.seen()[1]["id"])
        let attempts = try await stage.runtime.journal.read { tx throws(JournalError) in
            try tx.notificationAttempts("mail", limit: 10)
        }
        #expect(attempts.map(\.attempt) == [2, 1] && attempts[1].error?.contains("451") == true)
        try stage.peer.post("/mode", ["mail": "refuse", "times": 1])
        try await stage.ask("Never?")
        try await stage.wait("it is a dead letter") {
            try await stage.runtime.journal.read { tx throws(JournalError) in
                try tx.deadLetters(group: "notify:mail", after: 0, limit: 10)
            }.count == 1
        }
        try await stage.runtime.notifications().remove("mail", by: "ana")
        _ = try await stage.set("hook", ["kind": "webhook", "url": .string(stage.peer.address + "/hook")])
        try stage.peer.post("/mode", ["http": 410, "times": 1])
        try await stage.ask("Gone?")
        try await stage.wait("the channel is off") {
            try await stage.runtime.notifications().known("hook").disabledReason != nil
        }
        await stage.runtime.shutdown()
    }

    @Test("a code goes to the operator's gateway for text messages, signed; settings that make no sense are refused")
    func messages() async throws {
        let stage = try await Stage.make()
        #expect(await stage.runtime.sendMessage(to: "+491", "123456", id: "otp_1") != nil)
        let secret = try #require(
            try await stage.set("sms", ["kind": "sms", "url": .string(stage.peer.address + "/gateway")]))
        try stage.peer.post("/secret", .string(secret))
        #expect(await stage.runtime.sendMessage(to: "+4915112345678", "123456 is your code", id: "otp_1") == nil)
        let message = try #require(try stage.seen().first)
        #expect(message["verified"] == true && message["body"]?["to"] == "+4915112345678")
        try stage.peer.post("/mode", ["http": 500, "times": 1])
        #expect(
            await stage.runtime.sendMessage(to: "+4915112345678", "1", id: "otp_2")?.message.contains("500") == true)
        let runtime = stage.runtime
        let keys = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<8 { group.addTask { try runtime.factorKey() } }
            return try await group.reduce(into: Set<[UInt8]>()) { _ = $0.insert($1) }
        }
        #expect(keys.count == 1 && keys.first?.count == 32)
        let wrong: [JSONValue] = [
            [:], ["kind": "pigeon"], ["kind": "webhook"], ["kind": "webhook", "url": "ftp://x"], ["kind": "slack"],
            ["kind": "smtp", "host": "x y", "from": "a@b.org", "to": ["c@d.org"]],
            ["kind": "smtp", "host": "x", "from": "a@b.org", "to": []],
            ["kind": "smtp", "host": "x", "from": "a@b.org\r\n", "to": ["c@d.org"]],
            ["kind": "smtp", "host": "x", "from": "a@b.org", "to": ["c@d.org"], "port": 0],
            ["kind": "smtp", "host": "x", "from": "a@b.org", "to": ["c@d.org"], "security": "ssl3"],
            ["kind": "smtp", "host": "x", "from": "a@b.org", "to": ["c@d.org"], "user": "a\nb"],
        ]
        for settings in wrong {
            await #expect(throws: EngineError.self, "\(settings)") { _ = try await stage.set("wrong", settings) }
        }
        await stage.runtime.shutdown()
    }
}
