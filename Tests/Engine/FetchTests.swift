import Audit
import Engine
import Foundation
import Gateway
import Journal
import Kernel
import Placement
import Synchronization
import TestSupport
import Testing

@Suite("The host fetches for departments")
struct FetchTests {
    private let scratch: Scratch
    private let server: ScriptServer

    init() async throws {
        scratch = try Scratch()
        server = try await ScriptServer.start(
            Built.checkout.appendingPathComponent("Tests/Support/fetch_server.py"), scratch.folder("seen"))
    }

    private var origin: String { "http://127.0.0.1:\(server.port)" }

    /// The requests that reached the server.
    private func seen() throws -> [JSONValue] {
        guard let text = try? String(contentsOfFile: scratch.folder("seen"), encoding: .utf8) else { return [] }
        return try text.split(separator: "\n").map { try JSONParser.parse(Array($0.utf8)) }
    }

    private func request(
        _ url: String, _ method: String = "GET", headers: String = "", body: String = "", limit: UInt64? = nil,
        milliseconds: UInt64? = nil
    ) -> EffectRequest {
        .http(
            HTTPRequest(
                method: method, url: url, headers: Array(headers.utf8), body: Array(body.utf8),
                timeoutMilliseconds: milliseconds, maximumResponseBytes: limit))
    }

    private func settings(
        _ resolver: @escaping HostResolver = { _ throws(Failure) in throw Failure(.notFound, "no names here") }
    ) throws -> FetchSettings {
        let here = try HostPattern("127.0.0.1:\(server.port)")
        let name = try HostPattern("inside.example:\(server.port)")
        let outside = try HostPattern("outside.example:\(server.port)")
        return FetchSettings(
            plainHosts: [here, name, outside], privateHosts: [here, name], resolver: resolver)
    }

    /// Runs one task that may fetch from `hosts`; what a fetch throws is its output.
    private func run(
        hosts: [String]? = nil, _ settings: FetchSettings? = nil, body: @escaping ScriptedPlugin.Body
    ) async throws -> (run: RunRecord, denials: Int) {
        let host = TestHost()
        let wants = Manifest.Wants(hosts: hosts ?? ["127.0.0.1:\(server.port)"])
        let plugin = ScriptedPlugin(
            department: "dep", wants: wants,
            [
                "go": { context in
                    do {
                        return try await body(context)
                    } catch let failure as Failure {
                        return .string(failure.description)
                    }
                }
            ])
        let runtime = try await host.open([plugin], fetches: try settings ?? self.settings())
        let run = try await runtime.run("dep/go")
        let denials = try await runtime.journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: 0, limit: 10_000).count {
                String(decoding: $0.bytes, as: UTF8.self).contains("\"effect.denied\"")
            }
        }
        let audit = try await runtime.verifyAudit()
        #expect(audit.problems.isEmpty)
        await runtime.shutdown()
        return (run, denials)
    }

    private func failure(
        of request: EffectRequest, hosts: [String]? = nil, _ settings: FetchSettings? = nil
    ) async throws -> (text: String, denials: Int) {
        let (run, denials) = try await run(hosts: hosts, settings) { context in
            _ = try await context.effect("fetch", request)
            return "no failure"
        }
        return (run.outputJSON?.stringValue ?? "", denials)
    }

    @Test("status, body and headers come back; what the plugin sent arrives as it was")
    func answers() async throws {
        let request = request(origin + "/echo?status=404#part", "PUT", headers: #"{"X-A":"b"}"#, body: "hello")
        let (run, _) = try await run { context in
            let result = try await context.effect("fetch", request)
            return [
                "status": .integer(Int64(result.value)), "seen": try JSONParser.parse(result.data),
                "headers": try JSONParser.parse(result.text),
            ]
        }
        let output = try #require(run.outputJSON)
        #expect(output["status"] == 404)
        #expect(output["seen"]?["body"] == "hello" && output["seen"]?["method"] == "PUT")
        #expect(output["seen"]?["path"] == "/echo?status=404")
        #expect(output["seen"]?["headers"]?["x-a"] == "b")
        #expect(output["seen"]?["headers"]?["content-type"] == nil)
        #expect(output["headers"]?["x-twice"] == "a, b")
    }

    @Test("a repeated run answers from its journal: the server sees one request")
    func replay() async throws {
        let counter = Counter(), request = request(origin + "/once")
        let (run, _) = try await run { context in
            let result = try await context.effect("fetch", request)
            if counter.add("attempt") == 1 {
                throw PluginLoss(plugin: "p", version: "1", generation: 1, cause: .signal(11))
            }
            return .integer(Int64(result.value))
        }
        #expect(run.outputJSON == 200 && counter["attempt"] == 2)
        #expect(try seen().count == 1)
    }

    @Test("a POST that was under way at a crash is not sent again unasked")
    func ambiguity() async throws {
        let counter = Counter(), request = request(origin + "/drip", "POST", body: "pay")
        let log = scratch.folder("seen")
        let host = TestHost()
        let plugin = ScriptedPlugin(
            department: "dep", wants: Manifest.Wants(hosts: ["127.0.0.1:\(server.port)"]),
            [
                "go": { context in
                    if counter.add("attempt") > 1 { _ = try await context.effect("pay", request) }
                    let sending = Task { try await context.effect("pay", request) }
                    while !FileManager.default.fileExists(atPath: log) { try await Task.sleep(for: .milliseconds(5)) }
                    sending.cancel()
                    throw PluginLoss(plugin: "p", version: "1", generation: 1, cause: .signal(11))
                }
            ])
        let runtime = try await host.open([plugin], fetches: try settings())
        let run = try await runtime.run("dep/go")
        #expect(run.state == .paused)
        #expect(try seen().count == 1)
        await runtime.shutdown()
    }

    @Test("a host that is not asked for is denied by name before anything is sent, and the log says so")
    func notAsked() async throws {
        let (text, denials) = try await failure(of: request(origin + "/"), hosts: ["api.example.org"])
        #expect(text.hasPrefix("denied:") && text.contains("127.0.0.1:\(server.port)") && text.contains("wants.hosts"))
        #expect(denials == 1)
        #expect(try seen().isEmpty)
    }

    @Test("an address inside is refused without the operator's exception, a redirect to one too")
    func inside() async throws {
        var strict = try settings()
        strict.privateHosts = []
        let direct = try await failure(of: request(origin + "/"), strict)
        #expect(direct.text.contains("--allow-private-host 127.0.0.1:\(server.port)") && direct.denials == 1)
        #expect(try seen().isEmpty)

        let target = "http://outside.example:\(server.port)/hidden"
        let resolver: HostResolver = { _ throws(Failure) in [IPAddress("127.0.0.1")].compactMap { $0 } }
        let redirected = try await failure(
            of: request(origin + "/redirect?to=\(target)"), hosts: ["127.0.0.1:\(server.port)", "*:\(server.port)"],
            try settings(resolver))
        #expect(redirected.text.hasPrefix("denied:") && redirected.text.contains("loopback"))
        #expect(redirected.denials == 1)
        #expect(try seen().map { $0["path"]?.stringValue?.prefix(9) } == ["/redirect"])
    }

    @Test("a redirect to a host without a grant is denied, one to a granted host is followed without credentials")
    func redirects() async throws {
        let elsewhere = try await failure(of: request(origin + "/redirect?to=https://elsewhere.example/"))
        #expect(elsewhere.text.hasPrefix("denied: the redirect to https://elsewhere.example"))
        #expect(elsewhere.denials == 1)

        let resolver: HostResolver = { _ throws(Failure) in [IPAddress("127.0.0.1")].compactMap { $0 } }
        let target = "http://inside.example:\(server.port)/end"
        let first = request(
            origin + "/redirect?status=303&to=\(target)", "POST", headers: #"{"Authorization":"token","X-A":"b"}"#,
            body: "hello")
        let (run, _) = try await run(
            hosts: ["127.0.0.1:\(server.port)", "inside.example:\(server.port)"], try settings(resolver)
        ) { context in try JSONParser.parse(try await context.effect("fetch", first).data) }
        #expect(run.outputJSON?["method"] == "GET" && run.outputJSON?["body"] == "")
        #expect(run.outputJSON?["headers"]?["x-a"] == "b")
        #expect(run.outputJSON?["headers"]?["authorization"] == nil)
        let host = run.outputJSON?["headers"]?["host"]?.stringValue
        #expect(host == "inside.example:\(server.port)")
    }

    @Test("a name that changes its address between look-ups is judged anew, and connected to where it was judged")
    func rebinding() async throws {
        let counter = Counter()
        let resolver: HostResolver = { name throws(Failure) in
            // The first answer is public and swallows the connection; every later one leads inside.
            let text = counter.add(name) == 1 ? "192.0.1.1" : "127.0.0.1"
            return [IPAddress(text)].compactMap { $0 }
        }
        let url = "http://outside.example:\(server.port)/hidden"
        let hosts = ["outside.example:\(server.port)"]
        let settings = try settings(resolver)
        let (run, _) = try await run(hosts: hosts, settings) { [self] context in
            var ends: [JSONValue] = []
            for name in ["first", "second"] {
                do {
                    _ = try await context.effect(name, request(url, milliseconds: 300))
                    ends.append("reached")
                } catch let failure as Failure {
                    ends.append(.string(failure.status.name))
                }
            }
            return .array(ends)
        }
        let ends = run.outputJSON?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(ends.count == 2 && ends.first != "reached" && ends.last == "denied")
        #expect(counter["outside.example"] == 2)
        #expect(try seen().isEmpty)
    }

    @Test("an answer, its headers and its time are bounded, each with its own failure")
    func bounds() async throws {
        let large = try await failure(of: request(origin + "/big?bytes=200000", limit: 100_000))
        #expect(large.text.hasPrefix("too_large:") && large.text.contains("100000 bytes"))
        let flood = try await failure(of: request(origin + "/flood"))
        #expect(flood.text.hasPrefix("too_large:") && flood.text.contains("headers"))
        let slow = try await failure(of: request(origin + "/drip", milliseconds: 300))
        #expect(slow.text.hasPrefix("deadline:"))
    }

    @Test("headers that inject, and URLs that mislead, never leave the host")
    func injection() async throws {
        for request in [
            request(origin + "/", headers: #"{"a":"b\r\nHost: evil"}"#),
            request(origin + "/", headers: #"{"Host":"evil"}"#),
            request("http://user@127.0.0.1:\(server.port)/"), request("http://2130706433:\(server.port)/"),
            request(origin + "/a b"), request("file:///etc/passwd"),
        ] {
            let (text, _) = try await failure(of: request)
            #expect(text.hasPrefix("invalid:"), "\(text)")
        }
        #expect(try seen().isEmpty)
    }

    @Test("http without TLS needs the operator's word")
    func plain() async throws {
        var strict = try settings()
        strict.plainHosts = []
        let (text, denials) = try await failure(of: request(origin + "/"), strict)
        #expect(text.contains("--allow-plain-http 127.0.0.1:\(server.port)") && denials == 1)
    }
}
