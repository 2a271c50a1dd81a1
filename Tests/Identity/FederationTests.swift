import Foundation
import Gateway
import Identity
import Journal
import Kernel
import Synchronization
import TestSupport
import Testing

@Suite("Sign-in by an identity provider that others wrote", .serialized)
struct FederationTests {
    /// The house, the provider, and a desk that reaches it through the host's fetcher.
    private struct Stage {
        let house: IdentityHouse
        let peer: Peer
        let desk: FederationDesk

        static func make(
            guarded: Bool = false, _ settings: [String: JSONValue] = [:]
        ) async throws -> Stage {
            let peer = try await Peer.start("identity_provider.py")
            // Tokens are dated by the provider's clock, which is the machine's.
            let house = try await IdentityHouse(at: Int64(Date().timeIntervalSince1970 * 1000))
            let here = guarded ? [] : [try HostPattern("127.0.0.1:\(peer.port)")]
            let fetches = FetchSettings(plainHosts: here, privateHosts: here)
            let fetcher = Fetcher(fetches)
            let desk = FederationDesk(
                journal: house.journal, sessions: house.sessions, factors: house.factors,
                settings: FederationDesk.Settings(
                    publicURL: IdentityHouse.publicURL,
                    fetch: { request in
                        guard let url = try? FetchURL(request.url),
                            let only = try? HostPattern("\(url.host):\(url.port)")
                        else { return .failure(Failure(.invalid, "no url")) }
                        let policy = FetchPolicy(
                            asked: [only], granted: [only], plainHosts: fetches.plainHosts,
                            privateHosts: fetches.privateHosts)
                        return await fetcher.fetch(
                            request, policy: policy, department: "identity", followsRedirects: false)
                    },
                    secret: { $0 == "oidc.idp" ? "s3cret:/ with +" : nil }, clock: { house.now },
                    random: { IdentityHouse.random($0) }))
            let stage = Stage(house: house, peer: peer, desk: desk)
            try await stage.set(settings)
            return stage
        }

        func set(_ settings: [String: JSONValue]) async throws {
            var json: [String: JSONValue] = ["issuer": .string(peer.address), "client_id": "bureau client"]
            json.merge(settings, uniquingKeysWith: { $1 })
            let provider = try IdentityProvider(name: "idp", json: .object(json))
            try await house.journal.write { tx throws(JournalError) in try tx.identityProviderSet(provider, by: "ana") }
        }

        /// Through the provider and back: what the browser brings.
        func answered() async throws -> (answer: FederationDesk.Answer, binding: String) {
            let (location, binding) = try await desk.start("idp")
            let result = Process()
            let output = Pipe()
            result.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            result.arguments = ["curl", "-sS", "-o", "/dev/null", "-w", "%{redirect_url}", location]
            result.standardOutput = output
            try result.runAlone()
            let back = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            result.waitUntilExit()
            let parts = try URLComponents(string: back).orFail("no redirect: \(back)")
            #expect(back.hasPrefix(IdentityHouse.publicURL + "/auth/oidc/idp/callback?"))
            func value(_ name: String) -> String? { parts.queryItems?.first { $0.name == name }?.value }
            let answer = FederationDesk.Answer(
                code: value("code"), state: value("state"), issuer: value("iss"), error: value("error"))
            return (answer, binding)
        }

        func finish(
            _ answer: FederationDesk.Answer, _ binding: String?, name: String = "idp"
        ) async -> Result<JSONValue, ProofError> {
            do {
                return .success(
                    try await desk.finish(
                        name, answer, binding: binding, client: Client(address: "127.0.0.1", userAgent: nil)))
            } catch {
                return .failure(error)
            }
        }

        func signIn() async throws -> Result<JSONValue, ProofError> {
            let (answer, binding) = try await answered()
            return await finish(answer, binding)
        }
    }

    private func refused(_ result: Result<JSONValue, ProofError>, _ part: String) -> Bool {
        guard case .failure(let error) = result else { return false }
        return error.code == .wrong && error.message.contains("(\(part))")
    }

    @Test(
        "somebody signs in: found by the verified address, linked, with roles by the mapping, a second time by the link"
    )
    func sound() async throws {
        let stage = try await Stage.make([
            "role_claim": "/groups", "roles": ["engineers": "developer", "bosses": "executive"],
        ])
        let first = try await stage.signIn().get()
        #expect(first["account"] == "account-3")
        let link = try await stage.house.journal.read { tx throws(JournalError) in
            try tx.federatedAccount(provider: "idp", subject: "subject-1")
        }
        #expect(link?.account == "account-3")
        #expect(stage.house.sessions.state.withLock { $0.roles["account-3"] } == ["developer"])
        #expect(stage.house.sessions.state.withLock { $0.begun.map(\.methods) } == [["fed"]])
        // The address may change: the link counts.
        try stage.peer.post("/mode", ["claims": ["email": "other@example.org", "groups": []]])
        #expect(try await stage.signIn().get()["account"] == "account-3")
        #expect(stage.house.sessions.state.withLock { $0.roles["account-3"] } == [])
        stage.house.sessions.state.withLock { _ = $0.disabled.insert("account-3") }
        #expect(refused(try await stage.signIn(), "account"))
        for (algorithm, isTaken) in [("ES256", true), ("EdDSA", false)] {
            stage.house.sessions.state.withLock { $0.disabled = [] }
            try stage.peer.post("/mode", ["algorithm": .string(algorithm)])
            let result = try await stage.signIn()
            #expect(isTaken ? (try? result.get()) != nil : refused(result, "algorithm"))
        }
        // An account's own second factors are asked for after a provider's word too.
        let account = AccountMark(id: "account-3", tenant: "default", name: "ada")
        _ = try await stage.house.totp(account)
        try stage.peer.post("/mode", [:])
        #expect(try await stage.signIn().get()["mfa_token"] != nil)
        let mismatches = try await stage.house.journal.read { tx throws(JournalError) in try tx.auditMismatches() }
        #expect(mismatches == [])
        await stage.house.journal.close()
    }

    @Test("who is linked how: by hand only, made, of other domains, without a verified address")
    func linking() async throws {
        let stage = try await Stage.make(["linking": "manual"])
        #expect(refused(try await stage.signIn(), "account"))
        try await stage.set(["domains": ["example.com"]])
        #expect(refused(try await stage.signIn(), "email"))
        try await stage.set([:])
        for claims: JSONValue in [
            ["email_verified": false], ["email_verified": "true"], ["email": "ada@example.org\r\nx"], ["email": 5],
        ] {
            try stage.peer.post("/mode", ["claims": claims])
            #expect(refused(try await stage.signIn(), "email"))
        }
        try stage.peer.post("/mode", ["claims": ["email": "new@example.org", "sub": "subject-2"]])
        #expect(refused(try await stage.signIn(), "account"))
        try await stage.set(["linking": "create", "tenant": "acme"])
        #expect(try await stage.signIn().get()["account"] == "made-new@example.org")
        #expect(stage.house.sessions.state.withLock { $0.accounts["made-new@example.org"]?.mark.tenant } == "acme")
        await stage.house.journal.close()
    }

    @Test("every token that is not the provider's word to this host about this sign-in is refused by its name")
    func tokens() async throws {
        let stage = try await Stage.make()
        let now = stage.house.now.unixMilliseconds / 1000
        let attacks: [(JSONValue, String)] = [
            (["claims": ["nonce": "other"]], "nonce"), (["remove": ["nonce"]], "nonce"),
            (["claims": ["aud": "somebody else"]], "audience"), (["remove": ["aud"]], "audience"),
            (["claims": ["aud": ["bureau client", "other"]]], "authorized_party"),
            (["claims": ["aud": ["bureau client", "other"], "azp": "other"]], "authorized_party"),
            (["claims": ["iss": "https://other.example"]], "issuer"),
            (["claims": ["exp": .integer(now - 60)]], "expired"), (["remove": ["exp"]], "expired"),
            (["claims": ["exp": .string("\(now + 300)")]], "expired"),
            (["claims": ["iat": .integer(now + 120)]], "not_yet_valid"),
            (["claims": ["iat": .integer(now - 3_600)]], "expired"),
            (["claims": ["nbf": .integer(now + 120)]], "not_yet_valid"), (["remove": ["sub"]], "subject"),
            (["attack": "unsigned"], "algorithm"), (["attack": "hs256"], "algorithm"),
            (["attack": "other_key"], "signature"), (["attack": "unknown_kid"], "key"), (["attack": "crit"], "header"),
        ]
        for (mode, part) in attacks {
            try stage.peer.post("/mode", mode)
            let result = try await stage.signIn()
            #expect(refused(result, part), "\(mode): \(result)")
        }
        #expect(stage.house.sessions.state.withLock { $0.begun.isEmpty })
        try stage.peer.post("/mode", [:])
        _ = try await stage.signIn().get()
        // Keys that the provider has only now are looked for, once in a while.
        try stage.peer.post("/mode", ["attack": "rotated"])
        #expect(refused(try await stage.signIn(), "key"))
        stage.house.advance(seconds: 31)
        try stage.peer.post("/mode", [:])
        _ = try await stage.signIn().get()
        #expect((try stage.peer.get("/seen")["jwks"]?.integerValue ?? 0) <= 3)
        await stage.house.journal.close()
    }

    @Test("what comes back must be of this browser, this provider, and for the first time")
    func answers() async throws {
        let stage = try await Stage.make()
        let (answer, binding) = try await stage.answered()
        #expect(refused(await stage.finish(answer, nil), "binding"))
        // That answer is over.
        #expect(refused(await stage.finish(answer, binding), "state"))
        func fresh(_ change: (inout FederationDesk.Answer) -> Void) async throws -> Result<JSONValue, ProofError> {
            var (answer, binding) = try await stage.answered()
            change(&answer)
            return await stage.finish(answer, binding)
        }
        #expect(refused(try await fresh { $0.state = "made-up" }, "state"))
        #expect(refused(try await fresh { $0.state = nil }, "state"))
        #expect(refused(try await fresh { $0.issuer = "https://other.example" }, "issuer"))
        #expect(refused(try await fresh { $0.issuer = nil }, "issuer"))
        #expect(refused(try await fresh { $0.error = "access_denied" }, "provider"))
        #expect(refused(try await fresh { $0.code = nil }, "code"))
        #expect(refused(try await fresh { $0.code = "made-up" }, "code"))
        // The answer to one provider's start, brought to another's address.
        let other = try IdentityProvider(
            name: "other", json: ["issuer": .string(stage.peer.address), "client_id": "bureau client"])
        try await stage.house.journal.write { tx throws(JournalError) in try tx.identityProviderSet(other, by: "a") }
        let (mixed, kept) = try await stage.answered()
        #expect(refused(await stage.finish(mixed, kept, name: "other"), "state"))
        // A code that somebody else has used already.
        let (good, own) = try await stage.answered()
        _ = try await stage.finish(good, own).get()
        let (second, ownSecond) = try await stage.answered()
        var replayed = second
        replayed.code = good.code
        #expect(refused(await stage.finish(replayed, ownSecond), "code"))
        let (late, lateBinding) = try await stage.answered()
        stage.house.advance(seconds: 601)
        #expect(refused(await stage.finish(late, lateBinding), "state"))
        let seen = try stage.peer.get("/seen")["token"]?.arrayValue ?? []
        #expect(seen.filter { $0 == "given" }.count == 1 && seen.allSatisfy { $0 == "given" || $0 == "unknown_code" })
        await stage.house.journal.close()
    }

    @Test("a provider that does not answer is asked once in a while, however many begin")
    func down() async throws {
        let house = try await IdentityHouse(), asked = Mutex(0)
        let desk = FederationDesk(
            journal: house.journal, sessions: house.sessions, factors: house.factors,
            settings: FederationDesk.Settings(
                publicURL: IdentityHouse.publicURL,
                fetch: { _ in
                    asked.withLock { $0 += 1 }
                    await Task.yield()
                    return .failure(Failure(.io, "nobody is there"))
                },
                secret: { _ in nil }, clock: { house.now }, random: { IdentityHouse.random($0) }))
        let provider = IdentityProvider(name: "idp", issuer: "https://idp.example", clientID: "c")
        try await house.journal.write { tx throws(JournalError) in try tx.identityProviderSet(provider, by: "ana") }
        func begin() async -> Int {
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 { group.addTask { (try? await desk.start("idp")) != nil } }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
        }
        #expect(await begin() == 0)
        #expect(await begin() == 0)
        #expect(asked.withLock { $0 } == 1)
        house.advance(seconds: 31)
        #expect(await begin() == 0)
        #expect(asked.withLock { $0 } == 2)
        await house.journal.close()
    }

    @Test("links and starts of a provider end when it gets another issuer, and stay when it does not")
    func anotherIssuer() async throws {
        let stage = try await Stage.make()
        _ = try await stage.signIn().get()
        func isLinked() async throws -> Bool {
            try await stage.house.journal.read { tx throws(JournalError) in
                try tx.federatedAccount(provider: "idp", subject: "subject-1") != nil
            }
        }
        try await stage.set(["role_claim": "/groups", "roles": ["engineers": "developer"]])
        #expect(try await isLinked())
        let (answer, binding) = try await stage.answered()
        try await stage.set(["issuer": "https://other.example"])
        #expect(try await !isLinked())
        #expect(refused(await stage.finish(answer, binding), "provider"))
        let mismatches = try await stage.house.journal.read { tx throws(JournalError) in try tx.auditMismatches() }
        #expect(mismatches == [])
        await stage.house.journal.close()
    }

    @Test(
        "a provider inside the network is not asked without the operator's word, and one that is another is not taken")
    func guards() async throws {
        let inside = try await Stage.make(guarded: true)
        await #expect(throws: ProofError.self) { _ = try await inside.desk.start("idp") }
        await #expect(throws: ProofError.self) { _ = try await inside.desk.start("nobody") }
        await inside.house.journal.close()
        let stage = try await Stage.make()
        try stage.peer.post("/mode", ["issuer": "https://other.example"])
        await #expect(throws: ProofError.self) { _ = try await stage.desk.start("idp") }
        await stage.house.journal.close()
        let wrong: [JSONValue] = [
            [:], ["issuer": "ftp://x", "client_id": "c"], ["issuer": "https://x", "client_id": ""],
            ["issuer": "https://x?y=1", "client_id": "c"],
            ["issuer": "https://x", "client_id": "c", "algorithms": ["none"]],
            ["issuer": "https://x", "client_id": "c", "algorithms": []],
            ["issuer": "https://x", "client_id": "c", "scopes": ["email"]],
            ["issuer": "https://x", "client_id": "c", "scopes": ["openid", "a b"]],
            ["issuer": "https://x", "client_id": "c", "roles": ["a": 1]],
            ["issuer": "https://x", "client_id": "c", "linking": "all"],
            ["issuer": "https://x", "client_id": "c", "role_claim": "groups"],
        ]
        for json in wrong { #expect(throws: Failure.self) { _ = try IdentityProvider(name: "a", json: json) } }
    }
}
