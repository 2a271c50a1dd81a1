import Engine
import Foundation
import Gateway
import Identity
import Journal
import Kernel
import Placement
import Server
import Synchronization
import TestSupport
import Testing

/// Knows who asks by a word: `ana`, `bob`, `root` (an operator of all tenants), `robot`. After a colon: how many
/// seconds ago they proved to be there, and by what.
private struct TestAuthenticator: Authenticating {
    let clock: @Sendable () -> Instant

    func principal(of credentials: Credentials) async throws(AuthenticationFailure) -> Principal {
        guard let bearer = credentials.bearer else { return .anonymous }
        let parts = bearer.split(separator: ":").map(String.init)
        var principal = Principal(
            kind: .user, id: "account-1", name: "ana@example.org", tenant: "acme", scopes: [],
            credential: .session("session-1"))
        switch parts[0] {
        case "ana": break
        case "bob": (principal.id, principal.name, principal.tenant) = ("account-2", "bob@example.org", "globex")
        case "boss": principal.scopes = [.everything]
        case "root":
            principal.scopes = [.everything]
            principal.tenant = nil
            principal.id = "account-0"
        case "helpdesk", "own-desk":
            principal.id = "account-0"
            let scope = Scope(parts[0] == "helpdesk" ? "users.write" : "users.write_own")
            principal.scopes = Set([scope].compactMap { $0 })
        case "robot": principal.kind = .service
        case "provisioner":
            (principal.kind, principal.credential) = (.service, .key("0123456789ab"))
            principal.scopes = [.everything]
        case "minted", "narrow":
            principal.credential = parts[0] == "minted" ? .token("token-1") : .key("0123456789ab")
            principal.scopes = Set([Scope("runs.read"), Scope("users.write"), Scope("roles.write")].compactMap { $0 })
        default: throw AuthenticationFailure("nobody knows this token")
        }
        if parts.count == 3, let age = Int64(parts[1]) {
            principal.authenticatedAt = clock().advanced(byMilliseconds: -1000 * age)
            principal.methods = Set(parts[2].split(separator: "+").map(String.init))
        }
        return principal
    }
}

@Suite("Second factors, identity providers and notifications over HTTP", .serialized)
struct ProofRouteTests {
    /// A served host, asked by curl.
    private final class Stage: Sendable {
        let folder: Scratch
        let runtime: HostRuntime
        let sessions = TestSessions()
        let box = ClockBox(Int64(Date().timeIntervalSince1970 * 1000))
        private let port = Mutex(0)
        private let stop: AsyncStream<Void>.Continuation
        private let serving = Mutex<Task<Void, Never>?>(nil)

        struct Answer {
            var status: Int
            var headers: String
            var json: JSONValue
        }

        init(plain hosts: [String] = []) async throws {
            folder = try Scratch()
            let box = box
            let patterns = try hosts.map { try HostPattern($0) }
            var settings = HostSettings(
                storeFolder: folder.folder("store"), pluginPaths: [], workerPath: Built.binary("bureau-worker").path,
                providers: [OfflineProvider()], priceBook: .builtIn, gateway: GatewaySettings(),
                fetches: FetchSettings(plainHosts: patterns, privateHosts: patterns))
            settings.vault = KeyVault(path: folder.folder("v"), keyPath: folder.folder("vk"))
            settings.clock = { box.now }
            runtime = try await HostRuntime.open(settings)
            let (stops, stop) = AsyncStream.makeStream(of: Void.self)
            self.stop = stop
            let identity = try await IdentityDesk.open(
                journal: runtime.journal, files: IdentityFiles(storeFolder: folder.folder("store")),
                clock: { box.now }, by: "test")
            // The desk's own rests are tried here, not the limit of requests before it.
            var transport = TransportSettings()
            transport.limits = .unlimited
            let server = BureauServer(
                runtime: runtime, identity: identity,
                settings: ServerSettings(port: 0, drainSeconds: 0, transport: transport),
                authenticator: TestAuthenticator(clock: { box.now }),
                proofs: try ProofServices(
                    runtime: runtime, sessions: sessions, publicURL: "https://bureau.example.org"))
            let (ready, isReady) = AsyncStream.makeStream(of: Int.self)
            let task = Task {
                try? await server.run(until: stops) { isReady.yield($0.port) }
                isReady.finish()
            }
            serving.withLock { $0 = task }
            for await found in ready {
                port.withLock { $0 = found }
                break
            }
        }

        func end() async {
            stop.yield()
            await serving.withLock { $0 }?.value
            await runtime.shutdown()
        }

        /// A confirmed authenticator program, and the recovery codes that come with it.
        func addTOTP(as caller: String) throws -> (password: OneTimePassword, codes: [JSONValue]) {
            let made = try send("POST", "/auth/mfa/totp", as: caller, ["label": "telephone"]).json
            let secret = try (made["secret"]?.stringValue.flatMap { Base32.decode($0) }).orFail("no secret: \(made)")
            let password = OneTimePassword(secret: secret)
            let code = try password.code(at: box.now).orFail("no code")
            let path = "/auth/mfa/totp/\(made["id"]?.stringValue ?? "")/confirm"
            let confirmed = try send("POST", path, as: caller, ["code": .string(code)]).json
            return (password, confirmed["recovery_codes"]?.arrayValue ?? [])
        }

        func send(
            _ method: String, _ path: String, as caller: String? = nil, _ body: JSONValue? = nil, cookie: String? = nil
        ) throws -> Answer {
            let head = folder.folder(UUID().uuidString), out = folder.folder(UUID().uuidString)
            var arguments = ["curl", "-sS", "--max-time", "60", "-X", method, "-D", head, "-o", out]
            if let caller { arguments += ["-H", "Authorization: Bearer \(caller)"] }
            if let cookie { arguments += ["-H", "Cookie: \(cookie)"] }
            if let body {
                let file = try folder.write(body.bytes, to: UUID().uuidString)
                arguments += ["-H", "Content-Type: application/json", "--data-binary", "@" + file]
            }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = arguments + ["http://127.0.0.1:\(port.withLock { $0 })\(path)"]
            try process.runAlone()
            process.waitUntilExit()
            let headers = try String(contentsOfFile: head, encoding: .utf8)
            let bytes = (try? Data(contentsOf: URL(fileURLWithPath: out))).map { Array($0) } ?? []
            return Answer(
                status: Int(headers.split(separator: " ").dropFirst().first ?? "") ?? 0, headers: headers,
                json: (try? JSONParser.parse(bytes)) ?? .null)
        }
    }

    @Test("a person adds factors, signs in with them, and proves them anew; nobody else can")
    func factors() async throws {
        let stage = try await Stage()
        let fresh = "ana:10:pwd", stale = "ana:700:pwd"
        let unknown = try stage.send("GET", "/auth/mfa")
        let challenges = unknown.headers.lowercased().split(whereSeparator: \.isNewline).filter {
            $0.hasPrefix("www-authenticate:")
        }
        #expect(unknown.status == 401 && challenges == ["www-authenticate: bearer realm=\"bureau\""])
        #expect(try stage.send("GET", "/auth/mfa", as: "robot").status == 403)
        #expect(try stage.send("GET", "/auth/mfa", as: stale).json == ["factors": []])
        let needed = try stage.send("POST", "/auth/mfa/totp", as: stale, ["label": "telephone"])
        #expect(needed.status == 401 && needed.json["code"] == "step_up_required")
        #expect(needed.json["methods"] == ["fed", "pwd"])
        let wrongPassword = try stage.send(
            "POST", "/auth/step-up", as: stale, ["method": "password", "password": "wrong"])
        #expect(wrongPassword.status == 401)
        let renewed = try stage.send(
            "POST", "/auth/step-up", as: stale, ["method": "password", "password": "right account-1"])
        #expect(renewed.json == ["access_token": "t2"])
        let made = try stage.send("POST", "/auth/mfa/totp", as: fresh, ["label": "telephone"])
        #expect(made.status == 201 && made.json["qr_svg"]?.stringValue?.hasPrefix("<svg") == true)
        let id = try #require(made.json["id"]?.stringValue)
        let secret = try #require(made.json["secret"]?.stringValue.flatMap { Base32.decode($0) })
        let password = OneTimePassword(secret: secret)
        func code() throws -> JSONValue { .string(try password.code(at: stage.box.now).orFail("no code")) }
        #expect(try stage.send("POST", "/auth/mfa/totp/\(id)/confirm", as: "bob", ["code": try code()]).status == 404)
        let confirmed = try stage.send("POST", "/auth/mfa/totp/\(id)/confirm", as: fresh, ["code": try code()])
        let codes = confirmed.json["recovery_codes"]?.arrayValue ?? []
        #expect(confirmed.status == 200 && codes.count == 10)
        // A password alone proves nothing now.
        let second = try stage.send("POST", "/auth/mfa/recovery-codes", as: fresh)
        #expect(second.json["code"] == "step_up_required" && second.json["methods"] == ["otp", "rec"])
        let weak = try stage.send(
            "POST", "/auth/step-up", as: fresh, ["method": "password", "password": "right account-1"])
        #expect(weak.status == 401)
        stage.box.advance(60)
        #expect(
            try stage.send("POST", "/auth/step-up", as: fresh, ["method": "otp", "code": try code()]).status == 200)
        #expect(
            try stage.send("POST", "/auth/step-up", as: fresh, ["method": "otp", "code": try code()]).status == 401)
        #expect(stage.sessions.state.withLock { $0.renewed.map(\.methods) } == [["pwd"], ["otp"]])
        let listed = try stage.send("GET", "/auth/mfa", as: fresh).json["factors"]?.arrayValue ?? []
        #expect(listed.compactMap { $0["kind"]?.stringValue }.sorted() == ["recovery", "totp"])
        #expect(!JSONValue.array(listed).serialized().contains(made.json["secret"]?.stringValue ?? "?"))
        await stage.end()
    }

    @Test("the second step of a sign-in takes each proof once, rests after five wrong ones, and is reset by who may")
    func signIn() async throws {
        let stage = try await Stage()
        let fresh = "ana:10:pwd"
        let (_, codes) = try stage.addTOTP(as: fresh)
        let pending = try await stage.sessions.pend(IdentityHouse.ana, methods: ["pwd"])
        let token = pending["mfa_token"] ?? .null
        func verify(_ more: [String: JSONValue], _ token: JSONValue = token) throws -> Stage.Answer {
            var members: [String: JSONValue] = ["mfa_token": token, "method": "otp"]
            members.merge(more, uniquingKeysWith: { $1 })
            return try stage.send("POST", "/auth/mfa/verify", as: nil, .object(members))
        }
        let asked = try stage.send("POST", "/auth/mfa/challenge", as: nil, ["mfa_token": token])
        #expect(asked.json["methods"] == ["otp", "rec"])
        #expect(try verify(["code": "123456"], "x").status == 401)
        #expect(try verify([:]).status == 422)
        #expect(try verify(["code": "123456", "role": "x"]).status == 422)
        #expect(try verify(["method": "rec", "code": codes[0]]).json["access_token"] == "t")
        #expect(try verify(["method": "pwd", "code": codes[1]]).status == 422)
        #expect(stage.sessions.state.withLock { $0.begun.last?.methods } == ["pwd", "rec", "mfa"])
        for _ in 0..<5 { #expect(try verify(["method": "recovery", "code": codes[0]]).status == 401) }
        let resting = try verify(["method": "recovery", "code": codes[1]])
        #expect(resting.status == 429 && resting.headers.lowercased().contains("retry-after: 900"))
        // An administrator of another tenant knows no such account; one's own needs a proof too.
        let reset: JSONValue = ["account": "account-1"]
        #expect(try stage.send("POST", "/auth/mfa/reset", as: fresh, reset).status == 403)
        #expect(try stage.send("POST", "/auth/mfa/reset", as: "root:700:pwd", reset).status == 401)
        #expect(try stage.send("POST", "/auth/mfa/reset", as: "root:1:pwd", ["account": "account-9"]).status == 404)
        // Nor does somebody who may do less than the account, or who may write their own accounts alone.
        stage.sessions.state.withLock { $0.administrators = ["account-1"] }
        #expect(try stage.send("POST", "/auth/mfa/reset", as: "helpdesk:1:pwd", reset).status == 403)
        #expect(try stage.send("POST", "/auth/mfa/reset", as: "own-desk:1:pwd", reset).status == 404)
        #expect(stage.sessions.state.withLock { $0.ended } == [])
        #expect(try stage.send("POST", "/auth/mfa/reset", as: "root:1:pwd", reset).json == ["removed": 2])
        #expect(stage.sessions.state.withLock { $0.ended } == ["account-1"])
        #expect(try stage.send("GET", "/auth/mfa", as: fresh).json == ["factors": []])
        await stage.end()
    }

    @Test("what gives lasting access asks people for recent proof, and takes no key or token for one")
    func lasting() async throws {
        let stage = try await Stage()
        let id = "00000000-0000-7000-8000-000000000000"
        let account: JSONValue = ["email": "new@example.org", "roles": ["user"]]
        let service: JSONValue = ["name": "new", "roles": ["user"]]
        let people: [(String, String, JSONValue)] = [
            ("POST", "/keys", [:]), ("POST", "/auth/tokens", ["scopes": ["runs.read"], "expires_in": 60]),
        ]
        let both: [(String, String, JSONValue)] = [
            ("POST", "/users", account), ("PATCH", "/users/\(id)", ["title": "x"]), ("POST", "/services", service),
            ("PATCH", "/services/\(id)", ["title": "x"]), ("PUT", "/roles/own", ["scopes": []]),
        ]
        for (method, path, body) in people + both {
            let stale = try stage.send(method, path, as: "root:700:pwd", body)
            #expect(stale.status == 401 && stale.json["code"] == "step_up_required", "\(path): \(stale.json)")
            // Of a thief's network: the desk forgets when such a session was proved.
            #expect(try stage.send(method, path, as: "root", body).status == 401, "\(path)")
            let fresh = try stage.send(method, path, as: "root:1:pwd", body)
            #expect(fresh.status != 401, "\(path): \(fresh.json)")
            for held in ["minted", "narrow"] {
                let refused = try stage.send(method, path, as: held, body)
                #expect(refused.status == 403 && refused.json["code"] == "forbidden", "\(path): \(refused.json)")
            }
        }
        for (method, path, body) in people {
            #expect(try stage.send(method, path, as: "provisioner", body).status == 403, "\(path)")
        }
        // Programs that make accounts have the right to; nobody can be asked to prove to be there.
        for (method, path, body) in both where method == "PATCH" {
            #expect(try stage.send(method, path, as: "provisioner", body).status == 404, "\(path)")
        }
        await stage.end()
    }

    @Test("a narrow key or token ends no session and no key but itself")
    func narrow() async throws {
        let stage = try await Stage()
        let session = "/sessions/00000000-0000-7000-8000-000000000000"
        for held in ["minted", "narrow"] {
            #expect(try stage.send("DELETE", "/keys/ba9876543210", as: held).status == 403)
            #expect(try stage.send("DELETE", session, as: held).status == 403)
        }
        for (caller, key) in [("ana", "ba9876543210"), ("narrow", "0123456789ab"), ("provisioner", "ba9876543210")] {
            #expect(try stage.send("DELETE", "/keys/\(key)", as: caller).status == 404, "\(caller)")
        }
        for caller in ["ana", "provisioner"] {
            #expect(try stage.send("DELETE", session, as: caller).status == 404, "\(caller)")
        }
        await stage.end()
    }

    @Test("a key of an authenticator, from a browser's answer to a session")
    func keys() async throws {
        let peer = try await Peer.start("authenticator.py")
        let stage = try await Stage()
        let fresh = "ana:10:pwd", origin = JSONValue.string("https://bureau.example.org")
        let options = try stage.send("POST", "/auth/mfa/webauthn/begin", as: fresh).json
        let made = try peer.post("/create", ["options": options, "origin": origin, "format": "packed"])
        let added = try stage.send("POST", "/auth/mfa/webauthn", as: fresh, ["label": "key", "credential": made])
        #expect(added.status == 201 && added.json["recovery_codes"]?.arrayValue?.count == 10)
        #expect(added.json["kind"] == "webauthn" && added.json["confirmed"] == true)
        let asked = try stage.send("POST", "/auth/step-up/challenge", as: fresh, ["method": "hwk"]).json
        let answer = try peer.post("/get", ["options": asked["options"] ?? .null, "origin": origin])
        let proof: JSONValue = ["method": "hwk", "credential": answer]
        #expect(try stage.send("POST", "/auth/step-up", as: "bob:1:pwd", proof).status == 401)
        let again = try stage.send("POST", "/auth/step-up/challenge", as: fresh, ["method": "webauthn"]).json
        let other = try peer.post("/get", ["options": again["options"] ?? .null, "origin": origin])
        #expect(
            try stage.send("POST", "/auth/step-up", as: fresh, ["method": "webauthn", "credential": other]).status
                == 200)
        let factor = try #require(added.json["id"]?.stringValue)
        #expect(try stage.send("DELETE", "/auth/mfa/\(factor)", as: fresh).status == 401)
        #expect(try stage.send("DELETE", "/auth/mfa/\(factor)", as: "bob:1:pwd").status == 404)
        #expect(try stage.send("DELETE", "/auth/mfa/\(factor)", as: "ana:1:hwk").status == 204)
        await stage.end()
    }

    @Test("a browser signs in by a provider: redirect, cookie, answer; settings are for operators, secrets for nobody")
    func provider() async throws {
        let peer = try await Peer.start("identity_provider.py")
        let stage = try await Stage(plain: ["127.0.0.1:\(peer.port)"])
        let settings: JSONValue = [
            "issuer": .string(peer.address), "client_id": "bureau client", "client_secret": "s3cret:/ with +",
        ]
        #expect(try stage.send("PUT", "/auth/oidc/idp", as: "ana:1:pwd", settings).status == 403)
        #expect(try stage.send("PUT", "/auth/oidc/idp", as: "boss:1:pwd", settings).status == 403)
        #expect(try stage.send("PUT", "/auth/oidc/idp", as: "root:900:pwd", settings).status == 401)
        #expect(
            try stage.send("PUT", "/auth/oidc/idp", as: "root:1:pwd", ["issuer": "x", "client_id": "c"]).status == 422)
        let set = try stage.send("PUT", "/auth/oidc/idp", as: "root:1:pwd", settings)
        #expect(set.status == 200 && !set.json.serialized().contains("s3cret"))
        #expect(try !stage.send("GET", "/auth/oidc", as: "root").json.serialized().contains("s3cret"))
        let start = try stage.send("GET", "/auth/oidc/idp/start")
        #expect(start.status == 302)
        let lines = start.headers.split(whereSeparator: \.isNewline)
        func header(_ name: String) -> String? {
            lines.first { $0.lowercased().hasPrefix(name + ": ") }.map { String($0.dropFirst(name.utf8.count + 2)) }
        }
        let location = try #require(header("location")), cookie = try #require(header("set-cookie"))
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Secure"))
        let code = Process()
        let output = Pipe()
        code.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        code.arguments = ["curl", "-sS", "-o", "/dev/null", "-w", "%{redirect_url}", location]
        code.standardOutput = output
        try code.runAlone()
        let back = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        code.waitUntilExit()
        let path = String(back.dropFirst("https://bureau.example.org".utf8.count))
        let kept = String(cookie.prefix { $0 != ";" })
        let answer = try stage.send("GET", path, cookie: "x=y; \(kept)")
        #expect(answer.status == 200 && answer.json["account"] == "account-3")
        #expect(try stage.send("GET", path, cookie: kept).status == 401)
        #expect(try stage.send("GET", "/auth/oidc/none/start").status == 404)
        #expect(try stage.send("DELETE", "/auth/oidc/idp", as: "root:1:pwd").status == 204)
        #expect(try stage.send("GET", "/auth/oidc/idp/start").status == 404)
        await stage.end()
    }

    @Test("channels over HTTP: made, tried, listed without secrets, removed, by operators of all tenants alone")
    func channels() async throws {
        let folder = try Scratch()
        let peer = try await Peer.start("receivers.py", folder.path)
        let stage = try await Stage(plain: ["127.0.0.1:\(peer.port)"])
        let slack: JSONValue = ["kind": "slack", "url": .string(peer.address + "/slack/SECRET")]
        #expect(try stage.send("PUT", "/notifications/team", as: "ana", slack).status == 403)
        #expect(try stage.send("PUT", "/notifications/team", as: "boss", slack).status == 403)
        #expect(try stage.send("PUT", "/notifications/team", as: "root", ["kind": "pigeon"]).status == 422)
        #expect(try stage.send("PUT", "/notifications/team", as: "root", ["kind": "webhook"]).status == 400)
        #expect(try stage.send("PUT", "/notifications/team", as: "root", slack).status == 200)
        let listed = try stage.send("GET", "/notifications", as: "root").json
        #expect(listed["channels"]?.arrayValue?.count == 1 && !listed.serialized().contains("SECRET"))
        #expect(try stage.send("POST", "/notifications/team/test", as: "root").json == ["status": 200])
        #expect(try peer.get("/seen").arrayValue?.first?["way"] == "/slack/SECRET")
        #expect(try stage.send("GET", "/notifications/team/attempts", as: "root").json == ["attempts": []])
        #expect(try stage.send("POST", "/notifications/none/test", as: "root").status == 404)
        #expect(try stage.send("DELETE", "/notifications/team", as: "root").status == 204)
        await stage.end()
    }
}
