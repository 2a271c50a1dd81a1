import Foundation
import Kernel
import Server
import Synchronization
import TestSupport
import Testing

@Suite("The transport, by hostile clients", .timeLimit(.minutes(5)))
struct HTTPTests {
    @Test("every hostile client gets its status or its end, in time and in little memory")
    func attacks() async throws {
        let host = try await ServedHost { settings in
            settings.origins = OriginRules(allowed: ["https://app.example.org"])
            settings.times.headSeconds = 2
            settings.times.bodyGraceSeconds = 1
        }
        let script = try ClientScript(
            "http_attacks.py", String(host.port), String(ProcessInfo.processInfo.processIdentifier))
        let report = try await script.report()
        let expected: [String: JSONValue] = [
            "plain": 200, "no_token": 401, "many_headers": 431, "large_header": 431, "long_target": 414,
            "lying_length": 413, "two_lengths": 400, "length_and_chunks": 400, "gzip": 415, "space_in_name": 400,
            "http_09": 505, "tls_hello": 400, "rubbish": 400, "absolute_form": 200, "crlf_in_target": 404,
            "evil_origin": [403, "origin_not_allowed"], "null_origin": "origin_not_allowed",
            "preflight": "https://app.example.org", "evil_preflight": [403, .null], "credentials": .null,
            "allowed": "https://app.example.org", "not_allowed": .null, "unknown_upgrade": [200, "close"],
            "late_websocket": 426, "endless_head": 431, "pipelined": 51, "chunked_login": 404,
            "headers_of_404": ["nosniff", "DENY", "0", "no-referrer", .null, .null], "headers_of_refusal": "DENY",
            "crowd": ["answered": 100, "ended": 500, "seconds": true],
        ]
        for (name, ending) in expected.sorted(by: { $0.key < $1.key }) {
            #expect(report[name] == ending, "\(name): \(report[name] ?? .null)")
        }
        for name in [
            "large_target", "bad_coding", "newline_folding", "bare_lf_header", "nul", "http_2_preface", "trace",
            "connect", "override",
        ] {
            let status = report[name]?.integerValue ?? 400
            #expect((400..<500).contains(status) || status == 505, "\(name): \(report[name] ?? .null)")
        }
        for name in ["dripping_head", "dripping_body", "silent"] {
            #expect(report[name]?.arrayValue?.last == true, "\(name): \(report[name] ?? .null)")
        }
        #expect((report["grew_megabytes"]?.integerValue ?? .max) < 64, "\(report)")
        try await host.end()
    }

    private func curl(_ arguments: String...) throws -> String {
        try run(["curl", "-s", "--max-time", "60"] + arguments)
    }

    /// What the program says.
    private func run(_ arguments: [String]) throws -> String {
        let process = Process(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = output
        try process.runAlone()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    @Test("one caller's limit is that caller's: 429 with when to come back, and others go on")
    func callers() async throws {
        let host = try await ServedHost { settings in
            settings.limits.read = CellRate(perMinute: 60, burst: 3)
            settings.limits.tenant = CellRate(perMinute: 60, burst: 5)
        }
        func ask(_ token: String) throws -> String {
            try curl(
                "-i", "-H", "Authorization: Bearer \(token)", "-H",
                "X-Forwarded-For: 203.0.113.\(Int.random(in: 1...99))",
                "http://127.0.0.1:\(host.port)/departments")
        }
        for left in (0..<3).reversed() {
            let answer = try ask("acme.ana.departments.read")
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("RateLimit: \"read\";r=\(left);"), "\(answer)")
        }
        let refused = try ask("acme.ana.departments.read")
        #expect(refused.hasPrefix("HTTP/1.1 429"), "\(refused)")
        #expect(refused.contains("Retry-After: 1") && refused.contains("RateLimit-Remaining: 0"), "\(refused)")
        #expect(refused.contains("RateLimit-Policy: \"read\";q=60;w=60") && refused.contains("\"rate_limited\""))
        // Another of the same tenant has a rate of their own, and shares the tenant's.
        #expect(try ask("acme.bob.departments.read").hasPrefix("HTTP/1.1 200"))
        #expect(try ask("acme.bob.departments.read").hasPrefix("HTTP/1.1 200"))
        let tenant = try ask("acme.bob.departments.read")
        #expect(tenant.hasPrefix("HTTP/1.1 429") && tenant.contains("\\\"tenant\\\""), "\(tenant)")
        #expect(try ask("globex.eve.departments.read").hasPrefix("HTTP/1.1 200"))
        try await host.end()
    }

    @Test("addresses count as the trusted proxy says them, an IPv6 /64 as one; what others say counts nothing")
    func addresses() async throws {
        let proxied = try await ServedHost { settings in
            settings.trust = ProxyTrust(proxies: [AddressBlock("127.0.0.1")].compactMap { $0 })
            settings.limits.address = CellRate(perMinute: 1, burst: 2)
        }
        func status(_ forwarded: String, _ path: String = "/nowhere", _ more: String...) throws -> String {
            try curl(
                "-o", "/dev/null", "-w", "%{http_code}", "-H", "X-Forwarded-For: \(forwarded)",
                "http://127.0.0.1:\(proxied.port)\(path)")
        }
        #expect(try status("203.0.113.1") == "404" && status("203.0.113.1") == "404")
        #expect(try status("203.0.113.1") == "429")
        // Written by the client itself, before what the proxy wrote.
        #expect(try status("198.51.100.9, 203.0.113.1") == "429" && status("::ffff:203.0.113.1") == "429")
        #expect(try status("203.0.113.2") == "404")
        #expect(try status("2001:db8::1") == "404" && status("2001:db8::2") == "404" && status("2001:db8::3") == "429")
        #expect(try status("2001:db8:0:1::3") == "404")
        // Health is asked for often, and answered.
        for _ in 0..<5 { #expect(try status("203.0.113.1", "/health") == "200") }
        try await proxied.end()

        let direct = try await ServedHost { $0.limits.login = CellRate(perMinute: 1, burst: 2) }
        let login = ["-X", "POST", "-o", "/dev/null", "-w", "%{http_code}", "-d", "x=1"]
        var seen: [String] = []
        for number in 1...4 {
            let address = "http://127.0.0.1:\(direct.port)/auth/nothing"
            let process = ["-H", "X-Forwarded-For: 203.0.113.\(number)", address]
            seen.append(
                try curl(
                    login[0], login[1], login[2], login[3], login[4], login[5], login[6], login[7],
                    process[0], process[1], process[2]))
        }
        #expect(seen == ["404", "404", "429", "429"], "another address in a header is no other client")
        try await direct.end()
    }

    @Test("while the secure mode is off no name but the host's own is served, by sockets or through a proxy either")
    func names() async throws {
        let host = try await ServedHost(authenticator: OpenAuthenticator()) { settings in
            settings.trust = ProxyTrust(proxies: [AddressBlock("127.0.0.1")].compactMap { $0 })
            settings.publicHost = "bureau.example.org"
        }
        let client = LoopbackClient(port: UInt16(host.port))
        for (name, isServed) in [
            ("localhost:\(host.port)", true), ("127.0.0.1", true), ("[::1]:8080", true), ("Bureau.Example.org", true),
            ("evil.example:\(host.port)", false), ("127.0.0.1.evil.example", false), ("localhost.evil", false),
        ] {
            let plain = try client.send("GET", "/status", nil, headers: ["Host": name])
            #expect(plain.status == (isServed ? 200 : 421), "\(name): \(plain.status)")
            // A page's origin is its own name. Without a key, a handshake that was let through is 400.
            let upgrade = [
                "Host": name, "Origin": "http://\(name)", "Connection": "Upgrade", "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
            ]
            let socket = try client.send("GET", "/ws", nil, headers: upgrade)
            #expect(socket.status == (isServed ? 400 : 421), "\(name): \(socket.status)")
        }
        try await host.end()
    }

    @Test("however its path is written a sign-in counts as one, and so does each step by an identity provider")
    func signIns() async throws {
        let host = try await ServedHost { $0.limits.login = CellRate(perMinute: 1, burst: 1) }
        let client = LoopbackClient(port: UInt16(host.port))
        #expect(try client.send("POST", "/auth/nothing", []).status == 404)
        for (method, path) in [
            ("POST", "/auth/nothing"), ("POST", "//auth/nothing"), ("POST", "/auth//nothing"),
            ("POST", "/v1//auth/nothing"), ("POST", "//v3/auth/nothing/"), ("GET", "/auth/oidc/company"),
            ("GET", "//auth//oidc/company/callback?state=x"), ("HEAD", "/v2/auth/oidc/company"),
        ] {
            #expect(try client.send(method, path, method == "POST" ? [] : nil).status == 429, "\(method) \(path)")
        }
        // Who one is, is no try.
        #expect(try client.get("/auth/me").status == 401)
        try await host.end()
    }

    @Test("a body is as long as the operator says, above the usual and below it, whether it says its length or not")
    func bodies() async throws {
        let long = try await ServedHost { $0.maximumBodyBytes = 12 << 20 }
        let token = ["Authorization": "Bearer operator.root.events.write"]
        let body = Array(#"{"name": "g"}"#.utf8) + [UInt8](repeating: UInt8(ascii: " "), count: 11 << 20)
        let client = LoopbackClient(port: UInt16(long.port))
        #expect(try client.send("POST", "/events/groups", body, headers: token).status == 201)
        try await long.end()
        let short = try await ServedHost { $0.maximumBodyBytes = 1_000 }
        func status(_ bytes: Int, _ more: String) throws -> String {
            try curl(
                "-o", "/dev/null", "-w", "%{http_code}", "-H", "Authorization: Bearer operator.root.events.write",
                "-H", "Content-Type: application/json", "-H", more, "-d",
                #"{"name": "g"}"# + String(repeating: " ", count: bytes),
                "http://127.0.0.1:\(short.port)/events/groups")
        }
        for field in ["X-Nothing: x", "Transfer-Encoding: chunked"] {
            #expect(try status(2_000, field) == "413", "\(field)")
        }
        #expect(try status(100, "Transfer-Encoding: chunked") == "201")
        try await short.end()
    }

    @Test("an HTTP/2 client that opens no window is not waited for, with a large answer or a small one")
    func closedWindow() async throws {
        let folder = try Scratch()
        let certificate = folder.folder("certificate.pem"), key = folder.folder("key.pem")
        _ = try run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=localhost", "-out", certificate, "-keyout", key,
        ])
        let host = try await ServedHost { settings in
            settings.tls = .init(certificatePath: certificate, keyPath: key)
            settings.times.stalledSeconds = 1
        }
        for path in ["/openapi.json", "/health"] {
            let address = "https://127.0.0.1:\(host.port)\(path)"
            let talk = try run(["nghttp", "-nv", "-w0", "-t", "30", address])
            #expect(talk.contains("recv RST_STREAM"), "\(path): \(talk)")
            // With a window it gets all of it.
            let whole = try run(["nghttp", "-nv", "-t", "30", address])
            #expect(!whole.contains("recv RST_STREAM") && whole.contains("END_STREAM"), "\(path)")
        }
        try await host.end()
        withExtendedLifetime(folder) {}
    }

    @Test("credentials that cannot be looked at are not called wrong: 503, for a request and for a socket")
    func storeless() async throws {
        let host = try await ServedHost(authenticator: Storeless())
        let client = LoopbackClient(port: UInt16(host.port))
        let plain = try client.get("/jobs")
        let problem = try plain.json()
        #expect(plain.status == 503 && problem["code"] == "storage")
        let upgrade = [
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        ]
        #expect(try client.send("GET", "/ws", nil, headers: upgrade).status == 503)
        // An open operation needs nobody.
        #expect(try client.get("/health").status == 200)
        try await host.end()
    }

    @Test("credentials that are taken back end a stream of events, at the next look")
    func streams() async throws {
        let host = try await ServedHost(authenticator: TrustedOnce()) { $0.sockets.recheckSeconds = 1 }
        // Whole only at the stream's end.
        let answer = try LoopbackClient(port: UInt16(host.port)).send("GET", "/events/stream", nil)
        #expect(answer.status == 200)
        try await host.end()
    }

    @Test("a connection too many of one address is closed, and its place is free again when another goes")
    func connections() async throws {
        let host = try await ServedHost { $0.maximumConnectionsByAddress = 3 }
        let client = LoopbackClient(port: UInt16(host.port))
        let held = try (0..<3).map { _ in try HeldConnection(port: host.port) }
        #expect(throws: (any Error).self) { try client.get("/health") }
        held[0].end()
        var status = 0
        for _ in 0..<100 where status != 200 {
            status = (try? client.get("/health").status) ?? 0
            usleep(50_000)
        }
        #expect(status == 200)
        held[1].end()
        held[2].end()
        try await host.end()
    }
}

/// Nothing that it would look at can be read.
private struct Storeless: Authenticating {
    func principal(of credentials: Credentials) async throws(AuthenticationFailure) -> Principal {
        throw AuthenticationFailure("the store does not answer", isStoreFailure: true)
    }
}

/// Knows somebody once, and nobody after that.
private final class TrustedOnce: Authenticating {
    private let wasAsked = Mutex(false)

    func principal(of credentials: Credentials) async throws(AuthenticationFailure) -> Principal {
        let isFirst = wasAsked.withLock { wasAsked in
            defer { wasAsked = true }
            return !wasAsked
        }
        guard isFirst else { throw AuthenticationFailure("the key was taken back") }
        return Principal(
            kind: .user, id: "ann", name: "ann", tenant: "acme", scopes: Set([Scope("events.read")].compactMap { $0 }))
    }
}

/// A connection that says nothing.
private struct HeldConnection {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(.io, "connect") }
        // Until the host has taken it.
        usleep(50_000)
    }

    func end() { close(descriptor) }
}
