import CEgress
import Egress
import Foundation
import Gateway
import Kernel
import Synchronization
import TestSupport
import Testing

@Suite("The egress process sends an attempt once and keeps its answer until it is forgotten", .serialized)
struct EgressClientTests {
    private static let upstream = Task { try await Upstream.start() }
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func now() -> Instant { Instant(unixMilliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    @Test("answers arrive whole, over one kept connection, and their spools go when they are forgotten")
    func answers() async throws {
        let upstream = try await Self.upstream.value
        let client = try EgressClient.onScratch(scratch)
        defer { client.close() }
        let before = try await upstream.seen().connections
        for number in 1...5 {
            let answer = await client.receive(upstream.request("answers/0/\(number)"))
            #expect(answer.end.outcome == .finished && answer.end.head.status == 200 && answer.end.wasSent)
            #expect(answer.text == Upstream.answer)
        }
        #expect(try await upstream.seen().connections == before + 1)
        #expect(await client.keptAttempts().count == 5)
        for number in 1...5 { client.forget("answers/0/\(number)") }
        #expect(try await eventually { await client.keptAttempts().isEmpty })
    }

    @Test("the same attempt again is answered from its spool; with another request it is refused")
    func twice() async throws {
        let upstream = try await Self.upstream.value
        let client = try EgressClient.onScratch(scratch)
        defer { client.close() }
        let first = await client.receive(upstream.request("twice/0/1"))
        let second = await client.receive(upstream.request("twice/0/1"))
        #expect(second.end == first.end && second.body == first.body)
        let other = await client.receive(upstream.request("twice/0/1", body: "{\"another\":1}"))
        #expect(other.end.failure?.status == .conflict && other.end.wasSent)
        #expect(try await upstream.seen().attempts["twice/0/1"] == 1)
    }

    @Test("of an attempt without a spool it is known that it was not sent, if it is younger than the spool's folder")
    func unsent() async throws {
        let begun = now()
        let client = try EgressClient.onScratch(scratch)
        defer { client.close() }
        #expect(await client.keptAnswer(of: "unsent/0/1") == nil)
        #expect(!client.knowsEveryAttempt(since: begun.advanced(byMilliseconds: -60_000)))
        #expect(client.knowsEveryAttempt(since: begun.advanced(byMilliseconds: 60_000)))
        let again = try EgressClient.onScratch(scratch)
        defer { again.close() }
        #expect(again.knowsEveryAttempt(since: begun.advanced(byMilliseconds: 60_000)))
        SpoolFolder.disown(scratch.folder("egress"))
        let third = try EgressClient.onScratch(scratch)
        defer { third.close() }
        #expect(!third.knowsEveryAttempt(since: begun))
    }

    @Test("a stream goes on while its host is replaced: the next one has all of it, from one request")
    func replaced() async throws {
        let upstream = try await Self.upstream.value
        let first = try EgressClient.onScratch(scratch)
        let cut = await first.receive(upstream.request("replaced/0/1", "slow")) { if $0 == 2 { first.detach() } }
        #expect(cut.end.outcome == .detached && cut.text != Upstream.answer)
        first.close()
        let second = try EgressClient.onScratch(scratch)
        defer { second.close() }
        #expect(await second.keptAttempts() == ["replaced/0/1"])
        let kept = try #require(await second.keptAnswer(of: "replaced/0/1"))
        #expect(kept.label == "label of replaced/0/1" && kept.end.outcome == .finished)
        #expect(Received(end: kept.end, body: String(decoding: kept.body, as: UTF8.self)).text == Upstream.answer)
        #expect(try await upstream.seen().attempts["replaced/0/1"] == 1)
    }

    @Test("a host that ends waits for no answer that is still coming")
    func leaving() async throws {
        let upstream = try await Self.upstream.value
        let first = try EgressClient.onScratch(scratch)
        _ = await first.receive(upstream.request("leaving/0/1", "slow")) { if $0 == 1 { first.detach() } }
        let second = try EgressClient.onScratch(scratch)
        second.detach()
        #expect(await second.keptAnswer(of: "leaving/0/1")?.end.outcome == .detached)
        first.close()
        second.close()
    }

    @Test("an egress process killed in the middle of an answer loses it, says so, and sends nothing again")
    func killedInTheMiddle() async throws {
        let upstream = try await Self.upstream.value
        let client = try EgressClient.onScratch(scratch)
        defer { client.close() }
        for _ in 1...2 {
            let answer = await client.receive(upstream.request("killed/0/1", "slow")) { count in
                if count == 2 { client.killProcess() }
            }
            guard case .lost = answer.end.outcome else { return #expect(Bool(false), "\(answer.end)") }
            #expect(answer.end.wasSent && answer.text.hasPrefix("one ") && answer.text != Upstream.answer)
        }
        #expect(try await upstream.seen().attempts["killed/0/1"] == 1)
    }

    @Test("a complete answer outlives the process that received it")
    func outlives() async throws {
        let upstream = try await Self.upstream.value
        let client = try EgressClient.onScratch(scratch)
        defer { client.close() }
        let first = await client.receive(upstream.request("outlives/0/1"))
        let process = client.processID
        client.killProcess()
        #expect(try await eventually { client.processID != process })
        let second = await client.receive(upstream.request("outlives/0/1"))
        #expect(second.body == first.body && second.end == first.end)
        #expect(try await upstream.seen().attempts["outlives/0/1"] == 1)
    }

    @Test("nothing is sent that the spool may not hold, or beyond the number of exchanges")
    func full() async throws {
        let upstream = try await Self.upstream.value
        let small = try EgressClient.onScratch(scratch, totalBytes: 1 << 20)
        let refused = await small.receive(upstream.request("full/0/1"))
        #expect(refused.end.failure?.status == .busy && refused.end.failure?.message.contains("spool is full") == true)
        #expect(!refused.end.wasSent)
        small.close()
        let single = try EgressClient.onScratch(scratch, exchanges: 1)
        defer { single.close() }
        async let first = single.receive(upstream.request("full/1/1", "slow"))
        #expect(try await eventually { try await upstream.seen().attempts["full/1/1"] == 1 })
        let second = await single.receive(upstream.request("full/2/1"))
        #expect(second.end.failure?.status == .busy && !second.end.wasSent)
        #expect(await first.text == Upstream.answer)
        let seen = try await upstream.seen().attempts
        #expect(seen["full/0/1"] == nil && seen["full/2/1"] == nil)
    }

    @Test("a cancelled call ends upstream too, and says that it was sent")
    func cancelled() async throws {
        let upstream = try await Self.upstream.value
        let client = try EgressClient.onScratch(scratch)
        defer { client.close() }
        let call = Task { await client.receive(upstream.request("cancelled/0/1", "slow")) }
        #expect(try await eventually { try await upstream.seen().attempts["cancelled/0/1"] == 1 })
        call.cancel()
        let end = await call.value.end
        #expect(end.outcome == .cancelled && end.wasSent)
    }

    @Test("the key reaches the provider, and neither the answer nor the spool has it")
    func key() async throws {
        let upstream = try await Self.upstream.value
        let client = try EgressClient.onScratch(scratch)
        defer { client.close() }
        let file = try scratch.write(Array("sk-secret-41\n".utf8), to: "key")
        chmod(file, 0o600)
        let vault = KeyVault(path: scratch.folder("keys.vault"), keyPath: scratch.folder("keys.vault-key"))
        try vault.set("mine", to: "sk-secret-41")
        for (number, key) in [ProviderKey.file(file), .vault("mine", vault)].enumerated() {
            var request = upstream.request("key/\(number)/1", "quote")
            request.credential = .key(key, .bearer)
            let answer = await client.receive(request)
            #expect(answer.end.head.status == 401)
            #expect(answer.body.contains("wrong: Bearer (key)"))
        }
        var missing = upstream.request("key/2/1", "quote")
        missing.credential = .key(.file(scratch.folder("none")), .bearer)
        let refused = await client.receive(missing)
        #expect(refused.end.failure?.status == .denied && !refused.end.wasSent)
        var own = upstream.request("key/3/1", "quote")
        own.credential = .key(.closure { "sk-secret-41" }, .bearer)
        #expect(await client.receive(own).end.failure?.status == .unsupported)
        for attempt in await client.keptAttempts() {
            let name = try #require(AttemptName.fileName(attempt))
            let spool = try Data(contentsOf: URL(fileURLWithPath: scratch.folder("egress/\(name)")))
            #expect(spool.range(of: Data("sk-secret-41".utf8)) == nil)
        }
        #expect(await client.keptAttempts().count == 2)
    }

    @Test("a server is trusted by the certificates that were named, and only by them")
    func certificates() async throws {
        let (certificate, key) = (scratch.folder("ca.pem"), scratch.folder("ca.key"))
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.runAlone()
        openssl.waitUntilExit()
        let secure = try await Upstream.start((certificate, key))
        let client = try EgressClient.onScratch(scratch)
        defer { client.close() }
        var request = secure.request("tls/0/1")
        let refused = await client.receive(request)
        guard case .failed = refused.end.outcome else { return #expect(Bool(false), "\(refused.end)") }
        #expect(!refused.end.wasSent)
        request.certificateFile = certificate
        #expect(await client.receive(request).text == Upstream.answer)
    }

    @Test("the process is confined: no new privileges, no core, no signal for the host's group ends it")
    func confined() async throws {
        let upstream = try await Self.upstream.value
        let client = try EgressClient.onScratch(scratch)
        defer { client.close() }
        _ = await client.receive(upstream.request("confined/0/1"))
        let process = try #require(client.processID)
        for signal in [SIGINT, SIGTERM, SIGHUP] { kill(process, signal) }
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        #expect(status.contains("NoNewPrivs:\t1"))
        #expect(await client.receive(upstream.request("confined/1/1")).text == Upstream.answer)
        #expect(client.processID == process)
    }
}
