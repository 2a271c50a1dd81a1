import Foundation
import Kernel
import Server
import TestSupport
import Testing

@Suite("WebSockets, by independent clients", .timeLimit(.minutes(5)))
struct SocketTests {
    @Test("200 sockets of three tenants and of operators hear exactly what they may, live and again after a position")
    func isolation() async throws {
        // Who may hear what is tried here: what a slow reader loses has its own test.
        let host = try await ServedHost { $0.sockets.queueBytes = 16 << 20 }
        let seed = UInt64.random(in: 1...1_000_000)
        let script = try ClientScript("socket_isolation.py", String(host.port), String(seed))
        #expect(await script.line() == "ready")
        var random = SplitMix64(seed: seed)
        for _ in 0..<12 {
            let runs = (0..<150).map { _ in
                (
                    tenant: ["acme", "globex", "initech"].randomElement(using: &random) ?? "acme",
                    user: ["ana", "bob", "cem"].randomElement(using: &random) ?? "ana"
                )
            }
            try await host.insert(runs, correlation: "by-")
        }
        try await host.insert([("acme", "nobody")], correlation: "last-by-")
        script.say("committed")
        let report = try await script.report()
        #expect(report["events"] == 1_801, "seed \(seed)")
        #expect((report["delivered"]?.integerValue ?? 0) > 20_000, "\(report) seed \(seed)")
        #expect(report["wrong"] == [] && report["missed_on_resume"] == [], "\(report) seed \(seed)")
        #expect(report["other"] == [], "\(report)")
        try await host.end()
    }

    @Test("every attack ends as RFC 6455 or the limits say")
    func attacks() async throws {
        let host = try await ServedHost { settings in
            settings.origins = OriginRules(allowed: ["https://app.example.org"])
            settings.sockets.maximumByCaller = 5
            settings.sockets.stalledSeconds = 1
            settings.sockets.authenticationSeconds = 1
        }
        let script = try ClientScript("socket_attacks.py", String(host.port))
        #expect(await script.line() == "slow")
        for _ in 0..<20 { try await host.tell(250, bytes: 1_000, tenant: "acme") }
        try await Task.sleep(for: .seconds(12))
        script.say("told")
        let report = try await script.report()
        let expected: [String: JSONValue] = [
            "unmasked": 1002, "rsv": 1002, "unknown_opcode": 1002, "binary": 1003, "not_utf8": 1007,
            "utf8_split_is_fine": 1000, "large_frame": 1009, "lying_length": 1009, "negative_length": 1009,
            "large_by_fragments": 1009, "many_fragments": 1008, "endless_fragment": 1009,
            "continuation_of_nothing": 1002, "text_within_text": 1002, "fragmented_ping": 1002, "large_ping": 1002,
            "ping_flood": 1008, "message_flood": 1008, "close_1": 1002, "close_1005": 1002, "close_half_code": 1002,
            "close_not_utf8": 1007, "close_4001": 4001, "close_empty": 0, "deep_json": 1000, "version_12": 426,
            "no_key": 400, "short_key": 400, "other_path": 404, "bad_token": 401, "evil_origin": 403,
            "null_origin": 403, "own_origin": "101", "listed_origin": "101",
            "first_message": ["authenticate", "welcome", "pong"], "before_auth": ["authenticate", "error"],
            "wrong_first_message": ["authenticate", 1008], "silent": ["authenticate", 1008],
            "unknown_members": ["welcome", "error", "pong"], "forbidden": ["welcome", "error", "pong"],
            "events_on_system": ["welcome", "error"],
            "too_many_subscriptions": ["welcome", "subscribed", "error", "pong"], "too_many_of_one": 1013,
        ]
        for (name, ending) in expected.sorted(by: { $0.key < $1.key }) {
            #expect(report[name] == ending, "\(name): \(report[name] ?? .null)")
        }
        // Not a protocol that this is.
        #expect([1002, 1009].contains(report["not_websocket"]?.integerValue ?? 0))
        let slow = report["slow"]
        #expect(slow?["last"] == ["close", 1013], "\(slow ?? .null)")
        #expect((slow?["events"]?.integerValue ?? .max) < 2_000, "what waits is bounded: \(slow ?? .null)")
        try await host.end()
    }

    @Test("credentials that are taken back end the socket, at the next look")
    func revoked() async throws {
        let host = try await ServedHost { $0.sockets.recheckSeconds = 1 }
        let token = "acme.leaver.events.read"
        let script = try ClientScript("socket_wait.py", String(host.port), token)
        #expect(await script.line() == "welcome")
        SaidSo.revoke(token)
        #expect(try await script.report()["code"] == 1008)
        try await host.end()
    }

    @Test("a host that ends tells its sockets where to go on, and the browsers' client does")
    func ending() async throws {
        let host = try await ServedHost()
        let script = try ClientScript("socket_wait.py", String(host.port), "acme.ana.events.read")
        #expect(await script.line() == "welcome")
        try await host.insert([("acme", "ana")], correlation: "by-")
        #expect(await script.line() == "event")
        try await host.end()
        let report = try await script.report()
        #expect(report["code"] == 1001 && report["resume_after"] == report["position"], "\(report)")
    }
}
