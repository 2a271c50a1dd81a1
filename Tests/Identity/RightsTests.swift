import Foundation
import Identity
import Journal
import Kernel
import TestSupport
import Testing

@Suite("Who may give what, and who gets in without a password")
struct RightsTests {
    private func caller(_ fixture: DeskFixture, _ name: String) async throws -> Principal {
        try await fixture.caller(bearer: try await fixture.signIn(name).accessToken)
    }

    @Test("another tenant's accounts, keys, sessions and roles are not there")
    func tenants() async throws {
        let fixture = try await DeskFixture.populated(), desk = fixture.desk
        let bob = try await caller(fixture, "bob@example.org"), eve = try await fixture.account("eve@example.org")
        let session = try await fixture.signIn("eve@example.org").session
        let system = DeskFixture.operatorCaller
        let key = try await desk.addKey(of: eve.id, title: "", scopes: nil, expiresAt: nil, by: system)
        #expect(try await desk.accounts(seenBy: bob).map(\.name) == ["ada@example.org", "bob@example.org"])
        #expect(try await desk.keys(of: nil, seenBy: bob).isEmpty)
        #expect(try await desk.sessions(of: nil, seenBy: bob).allSatisfy { $0.account != eve.id })
        let tries: [@Sendable () async throws -> Void] = [
            { _ = try await desk.account(eve.id, seenBy: bob) },
            { _ = try await desk.user(named: eve.name, seenBy: bob) },
            { _ = try await desk.change(eve.id, AccountWish(title: "x"), by: bob) },
            { _ = try await desk.resetPassword(of: eve.id, to: nil, by: bob) },
            { _ = try await desk.unlock(eve.id, by: bob) },
            { _ = try await desk.addKey(of: eve.id, title: "", scopes: nil, expiresAt: nil, by: bob) },
            { _ = try await desk.mint(for: eve.id, scopes: [.everything], seconds: 60, by: bob) },
            { _ = try await desk.revokeKey(key.record.id, by: bob) },
            { try await desk.end(session: session.id, because: "x", by: bob) },
        ]
        for (number, attempt) in tries.enumerated() {
            #expect(await refusal { try await attempt() } == .notFound, "try \(number)")
        }
        let elsewhere = NewAccount(kind: .user, tenant: "other", name: "new@example.org", roles: ["user"])
        #expect(await refusal { try await desk.add(elsewhere, by: bob) } == .forbidden)
        let above = NewAccount(kind: .user, tenant: nil, name: "new@example.org", roles: ["user"])
        #expect(await refusal { try await desk.add(above, by: bob) } == .forbidden)
    }

    @Test("nobody gives, or gets hold of, more than they have")
    func escalation() async throws {
        let fixture = try await DeskFixture.populated(), desk = fixture.desk, system = DeskFixture.operatorCaller
        let help = Role(
            "helpdesk", "", parents: ["user"],
            scopes: ["users.read", "users.write", "roles.write", "keys.write"].compactMap { Scope($0) })
        _ = try await desk.set(help, tenant: "acme", by: system)
        try await fixture.add("help@example.org", ["helpdesk"])
        let caller = try await caller(fixture, "help@example.org"), bob = try await fixture.account("bob@example.org")
        let own = try #require(RunID(caller.id))
        let tries: [@Sendable () async throws -> Void] = [
            { _ = try await desk.resetPassword(of: bob.id, to: nil, by: caller) },
            { _ = try await desk.change(bob.id, AccountWish(isEnabled: false), by: caller) },
            { _ = try await desk.change(own, AccountWish(roles: ["admin"]), by: caller) },
            { _ = try await desk.change(own, AccountWish(clearance: .restricted), by: caller) },
            { _ = try await desk.addKey(of: bob.id, title: "", scopes: nil, expiresAt: nil, by: caller) },
            { _ = try await desk.mint(for: own, scopes: [.everything], seconds: 60, by: caller) },
            { _ = try await desk.addKey(of: own, title: "", scopes: [.everything], expiresAt: nil, by: caller) },
            { _ = try await desk.set(Role("mine", "", parents: ["admin"], scopes: []), tenant: "acme", by: caller) },
            { _ = try await desk.set(Role("mine", "", scopes: [.everything]), tenant: "acme", by: caller) },
            { _ = try await desk.set(Role("mine", "", scopes: []), tenant: nil, by: caller) },
            {
                _ = try await desk.add(
                    NewAccount(kind: .user, tenant: "acme", name: "x@example.org", roles: ["admin"]), by: caller)
            },
        ]
        for (number, attempt) in tries.enumerated() {
            #expect(await refusal { try await attempt() } == .forbidden, "try \(number)")
        }
        _ = try await desk.add(
            NewAccount(kind: .user, tenant: "acme", name: "x@example.org", roles: ["user"]), by: caller)
        let admin = try await self.caller(fixture, "bob@example.org")
        #expect(await refusal { try await desk.change(bob.id, AccountWish(isEnabled: false), by: admin) } == .conflict)
        #expect(try await fixture.mismatches() == [])
    }

    @Test("API keys: shown once, hashed, narrowed by their scopes, revoked and expired at once, used within an hour")
    func keys() async throws {
        let fixture = try await DeskFixture.populated(), desk = fixture.desk, system = DeskFixture.operatorCaller
        let robot = try await desk.add(
            NewAccount(kind: .service, tenant: "acme", name: "robot", roles: ["developer"]), by: system)
        let read = Scope(Permission(.agents, .read))
        let made = try await desk.addKey(
            of: robot.id, title: "ci", scopes: [read], expiresAt: fixture.clock.now.advanced(byMilliseconds: 7_200_000),
            by: system)
        let caller = try await fixture.caller(key: made.key)
        #expect(caller.kind == .service && caller.scopes == [read] && caller.credential == .key(made.record.id))
        #expect(try await fixture.caller(bearer: made.key) == caller, "as clients of model providers show it")
        let stored = try Data(contentsOf: URL(fileURLWithPath: fixture.folder.folder("store/journal.sqlite")))
        #expect(stored.range(of: Data(made.key.utf8)) == nil)
        for _ in 0..<3 { _ = try await fixture.caller(key: made.key) }
        #expect(try await fixture.leafTypes().count { $0.contains("apikey.used") } == 1)
        fixture.clock.advance(seconds: 3_600)
        _ = try await fixture.caller(key: made.key)
        #expect(try await fixture.leafTypes().count { $0.contains("apikey.used") } == 2)
        var wrong = Array(made.key)
        wrong[wrong.count - 1] = wrong[wrong.count - 1] == "A" ? "B" : "A"
        for key in [String(wrong), String(made.key.dropLast()), "bureau_000000000000_" + made.key.suffix(43), "", "x"] {
            #expect(await refusal { try await fixture.caller(key: key) } == .unauthenticated)
        }
        let again = try await fixture.reopened()
        _ = try await again.caller(key: made.key)
        let other = try await again.desk.addKey(of: robot.id, title: "", scopes: nil, expiresAt: nil, by: system)
        #expect(try await again.caller(key: other.key).may(.agents, .execute))
        _ = try await again.desk.change(robot.id, AccountWish(roles: ["user"]), by: system)
        #expect(try await !again.caller(key: other.key).may(.agents, .execute), "weaker at once")
        _ = try await again.desk.revokeKey(other.record.id, by: system)
        #expect(await refusal { try await again.caller(key: other.key) } == .unauthenticated)
        again.clock.advance(seconds: 3_600)
        #expect(await refusal { try await again.caller(key: made.key) } == .unauthenticated, "expired")
        #expect(try await again.mismatches() == [])
    }

    @Test("C12: a key alone is no person; both are what both allow; each mode refuses what it does not take")
    func modes() async throws {
        var settings = DeskFixture.settings
        settings.modes = .init(requiresKey: true)
        let fixture = try await DeskFixture.populated(settings: settings), system = DeskFixture.operatorCaller
        let robot = try await fixture.desk.add(
            NewAccount(kind: .service, tenant: "acme", name: "robot", roles: ["life_user"]), by: system)
        let foreign = try await fixture.desk.add(
            NewAccount(kind: .service, tenant: "other", name: "robot", roles: ["admin"]), by: system)
        let key = try await fixture.desk.addKey(of: robot.id, title: "", scopes: nil, expiresAt: nil, by: system).key
        let alien = try await fixture.desk.addKey(of: foreign.id, title: "", scopes: nil, expiresAt: nil, by: system)
            .key
        let token = try await fixture.signIn("ada@example.org").accessToken
        #expect(await refusal { try await fixture.caller(bearer: token) } == .unauthenticated)
        #expect(try await fixture.caller(key: key).kind == .service)
        let both = try await fixture.caller(bearer: token, key: key)
        #expect(both.kind == .user && both.name == "ada@example.org")
        #expect(both.may(.agents, .read) && !both.may(.agents, .execute) && !both.may(.life, .execute))
        #expect(await refusal { try await fixture.caller(bearer: token, key: alien) } == .unauthenticated)
        #expect(await refusal { try await fixture.caller(bearer: "x", key: key) } == .unauthenticated)
        #expect(await refusal { try await fixture.caller(bearer: token, key: "x") } == .unauthenticated)
        settings.modes = .init(takesTokens: false)
        let keysAlone = try await fixture.reopened(settings: settings)
        #expect(await refusal { try await keysAlone.caller(bearer: token, key: key) } == .unauthenticated)
        #expect(try await keysAlone.caller(key: key).kind == .service)
    }

    @Test("FEATURES 46: a minted token has its scopes and no more, and is over when it is over")
    func minted() async throws {
        let fixture = try await DeskFixture.populated(), system = DeskFixture.operatorCaller
        let bob = try await fixture.account("bob@example.org")
        let scopes = Set(["admin.*", "life.read", "runs.write"].compactMap { Scope($0) })
        #expect(scopes.count == 3)
        let ada = try await fixture.account("ada@example.org")
        let beyond = await refusal { try await fixture.desk.mint(for: ada.id, scopes: scopes, seconds: 60, by: system) }
        #expect(beyond == .forbidden, "a token gives nothing that its owner lacks")
        let made = try await fixture.desk.mint(for: bob.id, scopes: scopes, seconds: 60, by: system)
        let caller = try await fixture.caller(bearer: made.token)
        let wide = await refusal {
            try await fixture.desk.addKey(of: bob.id, title: "", scopes: nil, expiresAt: nil, by: caller)
        }
        #expect(wide == .forbidden, "a narrow token makes no wide key")
        #expect(caller.scopes == scopes && caller.authenticatedAt == nil && !caller.may(.runs, .read))
        #expect(try await fixture.leafTypes().contains { $0.contains("token.minted") })
        fixture.clock.advance(seconds: 91)
        #expect(await fixture.isRefused(bearer: made.token))
        for seconds in [0, -1, 30 * 86_400 + 1] {
            let code = await refusal {
                try await fixture.desk.mint(for: bob.id, scopes: scopes, seconds: Int64(seconds), by: system)
            }
            #expect(code == .invalid)
        }
    }

    @Test("the first administrator: by the word of this start, once, in time, with a good password")
    func setUp() async throws {
        let fixture = try await DeskFixture(), desk = fixture.desk, client = DeskFixture.client
        func set(_ token: String, _ password: String = DeskFixture.password) async -> IdentityError.Code? {
            await refusal {
                try await desk.setUp(
                    token: token, email: "root@example.org", password: password, title: "", client: client)
            }
        }
        for guess in ["", "guess"] { #expect(await set(guess) == .unauthenticated) }
        let first = try #require(desk.makeSetupToken()), token = try #require(desk.makeSetupToken())
        #expect(await set(first) == .unauthenticated, "the one before is good no more")
        #expect(await set(token, "short") == .invalid)
        fixture.clock.advance(seconds: 3_600)
        #expect(await set(token) == .unauthenticated, "over")
        let fresh = try #require(desk.makeSetupToken())
        #expect(await set(fresh) == nil)
        #expect(await set(fresh) == .unauthenticated && desk.makeSetupToken() == nil)
        let root = try await fixture.caller(bearer: try await fixture.signIn("root@example.org").accessToken)
        #expect(root.tenant == nil && root.may(.users, .write))
        let guessed = try await DeskFixture()
        let hidden = try #require(guessed.desk.makeSetupToken())
        for _ in 0..<40 {
            _ = await refusal {
                try await guessed.desk.setUp(
                    token: "guess", email: "a@b.c", password: DeskFixture.password, title: "", client: client)
            }
        }
        let late = await refusal {
            try await guessed.desk.setUp(
                token: hidden, email: "a@b.c", password: DeskFixture.password, title: "", client: client)
        }
        #expect(late == nil, "guesses end nothing")
    }

    @Test("the local operator: by a file that only its owner reads, from this machine alone, gone with the host")
    func localOperator() async throws {
        let fixture = try await DeskFixture(), path = fixture.folder.folder("store/operator-token")
        try fixture.desk.writeOperatorToken()
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let token = try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        func ask(_ token: String, from address: String) async -> Principal? {
            try? await fixture.desk.principal(
                of: ShownCredentials(
                    bearer: token, key: nil, claimedName: "ana", client: Client(address: address, userAgent: nil)))
        }
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            #expect(await ask(token, from: address)?.kind == .local)
        }
        #expect(await ask(token, from: "127.0.0.1")?.name == "ana")
        for address in ["192.0.2.1", "", "::ffff:192.0.2.1", "localhost"] {
            #expect(await ask(token, from: address) == nil)
        }
        #expect(await ask(token + "x", from: "127.0.0.1") == nil)
        await fixture.desk.close()
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(await ask(token, from: "127.0.0.1") == nil)
    }

    @Test("keys that others may read are refused; a store without its file of keys gets new ones, the old withdrawn")
    func keyFile() async throws {
        let fixture = try await DeskFixture.populated()
        let old = try await fixture.signIn("ada@example.org")
        await fixture.desk.close()
        await fixture.journal.close()
        let path = fixture.folder.folder("store.token-keys")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let open = await refusal { try await DeskFixture(folder: fixture.folder, clock: fixture.clock) }
        #expect(open == .storage)
        try FileManager.default.removeItem(atPath: path)
        let clock = fixture.clock, folder = fixture.folder
        let again = try await DeskFixture(folder: folder, clock: clock)
        #expect(await again.isRefused(bearer: old.accessToken))
        #expect(again.desk.ring.records.count { $0.withdrawnAt != nil } == 1)
        _ = try await again.signIn("ada@example.org")
        #expect(try await again.mismatches() == [])
    }
}
