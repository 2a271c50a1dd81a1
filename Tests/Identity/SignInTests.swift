import Identity
import Journal
import Kernel
import TestSupport
import Testing

@Suite("Signing in, sessions and refresh")
struct SignInTests {
    @Test("a right password gives tokens; whatever is wrong gives the same answer")
    func signIn() async throws {
        let fixture = try await DeskFixture.populated()
        let answer = try await fixture.signIn("ADA@example.org")
        let caller = try await fixture.caller(bearer: answer.accessToken)
        #expect(caller.name == "ada@example.org" && caller.tenant == "acme" && caller.kind == .user)
        #expect(caller.may(.agents, .execute) && !caller.may(.users, .write) && caller.methods == ["pwd"])
        #expect(caller.credential == .session(answer.session.id.description))
        try await fixture.desk.add(
            NewAccount(kind: .service, tenant: "acme", name: "robot", roles: ["user"]),
            by: DeskFixture.operatorCaller)
        let off = try await fixture.add("off@example.org", ["user"])
        _ = try await fixture.desk.change(off.id, AccountWish(isEnabled: false), by: DeskFixture.operatorCaller)
        var messages: Set<String> = []
        let tries: [(String, String)] = [
            ("ada@example.org", "wrong"), ("nobody@example.org", DeskFixture.password), ("robot", DeskFixture.password),
            ("off@example.org", DeskFixture.password), ("ada@example.org", ""), ("", ""),
            ("ada@example.org", DeskFixture.password + "\u{0}"),
            ("ada@example.org", String(repeating: "x", count: 1 << 20)),
        ]
        for (name, password) in tries {
            do {
                _ = try await fixture.signIn(name, password)
                Issue.record("\(name) got in")
            } catch let error as IdentityError {
                #expect(error.code == .unauthenticated)
                messages.insert(error.message)
            }
        }
        #expect(messages.count == 1)
        #expect(try await fixture.mismatches() == [])
    }

    @Test("five failures lock a name, known or not, for the network they come from alone; an admin unlocks")
    func lockout() async throws {
        let fixture = try await DeskFixture.populated()
        for name in ["ada@example.org", "nobody@example.org"] {
            let codes = await withTaskGroup(of: IdentityError.Code?.self) { group in
                for _ in 0..<30 { group.addTask { await refusal { try await fixture.signIn(name, "wrong") } } }
                return await group.reduce(into: [IdentityError.Code?]()) { $0.append($1) }
            }
            #expect(codes.count { $0 == .unauthenticated } == 5, "\(name)")
            guard case .locked = await refusal({ try await fixture.signIn(name) }) else {
                Issue.record("\(name) is not locked")
                continue
            }
        }
        let elsewhere = Client(address: "198.51.100.1", userAgent: "x")
        #expect(await refusal { try await fixture.signIn("ada@example.org", client: elsewhere) } == nil)
        guard case .locked = await refusal({ try await fixture.signIn("ada@example.org") }) else {
            Issue.record("a success elsewhere unlocks")
            return
        }
        let ada = try await fixture.account("ada@example.org")
        #expect(fixture.desk.lockedUntil(ada) == nil)
        _ = try await fixture.desk.unlock(ada.id, by: DeskFixture.operatorCaller)
        _ = try await fixture.signIn("ada@example.org")
        fixture.clock.advance(seconds: 901)
        #expect(await refusal { try await fixture.signIn("nobody@example.org") } == .unauthenticated)
    }

    @Test("a hundred failures from everywhere lock a name everywhere, also after a restart; an admin unlocks")
    func lockoutAnywhere() async throws {
        let fixture = try await DeskFixture.populated()
        for network in 0..<20 {
            let client = Client(address: "198.51.\(network).1", userAgent: "x")
            for _ in 0..<5 {
                let code = await refusal { try await fixture.signIn("ada@example.org", "wrong", client: client) }
                #expect(code == .unauthenticated, "\(network)")
            }
        }
        let again = try await fixture.reopened()
        guard case .locked = await refusal({ try await again.signIn("ada@example.org") }) else {
            Issue.record("the lock went with the host")
            return
        }
        let ada = try await again.account("ada@example.org")
        #expect(again.desk.lockedUntil(ada) != nil)
        #expect(try await again.desk.unlock(ada.id, by: DeskFixture.operatorCaller))
        _ = try await again.signIn("ada@example.org")
        #expect(try await again.mismatches() == [])
    }

    @Test("this machine's own address never locks: all who come through a proxy may be it")
    func loopback() async throws {
        let fixture = try await DeskFixture.populated()
        for address in ["127.0.0.1", "::1"] {
            let client = Client(address: address, userAgent: "x")
            for number in 0..<60 {
                _ = await refusal { try await fixture.signIn("n\(number)@example.org", "wrong", client: client) }
            }
            #expect(await refusal { try await fixture.signIn("ada@example.org", client: client) } == nil)
        }
    }

    @Test("a password that is shown in a session counts where its client sits")
    func stepUp() async throws {
        let fixture = try await DeskFixture.populated(), sessions = DeskAccounts(fixture.desk)
        let ada = try await fixture.account("ada@example.org").id.description
        for _ in 0..<5 {
            #expect(try await sessions.isPassword("wrong", of: ada, client: DeskFixture.client) == false)
        }
        let here = try? await sessions.isPassword(DeskFixture.password, of: ada, client: DeskFixture.client)
        #expect(here == nil, "it rests")
        let elsewhere = Client(address: "198.51.100.1", userAgent: "x")
        #expect(try await sessions.isPassword(DeskFixture.password, of: ada, client: elsewhere))
    }

    @Test("fifty failures lock an address, whatever names it tries, and only this one")
    func addressLock() async throws {
        let fixture = try await DeskFixture.populated()
        for number in 0..<50 { _ = await refusal { try await fixture.signIn("n\(number)@example.org", "wrong") } }
        guard case .locked = await refusal({ try await fixture.signIn("ada@example.org") }) else {
            Issue.record("the address is not locked")
            return
        }
        _ = try await fixture.signIn("ada@example.org", client: Client(address: "198.51.100.1", userAgent: "x"))
        let failed = try await fixture.leafTypes().filter { $0.contains(#""type":"login.failed""#) }
        #expect(failed.count <= 1, "one leaf for a minute and a network")
        await fixture.desk.close()
        #expect(try await fixture.leafTypes().contains { $0.contains("login.failed") && $0.contains(#""count":50"#) })
    }

    @Test("J13: a refresh token rotates; two at once by one client are one; reuse and another client end the family")
    func refresh() async throws {
        let fixture = try await DeskFixture.populated()
        let first = try await fixture.signIn("ada@example.org")
        let client = DeskFixture.client
        let both = try await withThrowingTaskGroup(of: TokenAnswer.self) { group in
            for _ in 0..<2 { group.addTask { try await fixture.desk.refresh(first.refreshToken, client: client) } }
            return try await group.reduce(into: [TokenAnswer]()) { $0.append($1) }
        }
        #expect(Set(both.map(\.refreshToken)).count == 1 && both[0].refreshToken != first.refreshToken)
        #expect(both[0].session.generation == 1)
        // The answer was lost, and the host restarted meanwhile.
        let again = try await fixture.reopened()
        again.clock.advance(seconds: 9)
        #expect(try await again.desk.refresh(first.refreshToken, client: client).refreshToken == both[0].refreshToken)
        again.clock.advance(seconds: 2)
        let late = await refusal { try await again.desk.refresh(first.refreshToken, client: client) }
        #expect(late == .unauthenticated)
        let newest = await refusal { try await again.desk.refresh(both[0].refreshToken, client: client) }
        #expect(newest == .unauthenticated, "the whole family ended")
        #expect(await again.isRefused(bearer: both[0].accessToken))

        let second = try await again.signIn("ada@example.org")
        let thief = Client(address: "192.0.2.8", userAgent: "thief/1")
        #expect(await refusal { try await again.desk.refresh(second.refreshToken, client: thief) } == .unauthenticated)
        #expect(await again.isRefused(bearer: second.accessToken))
        #expect(try await again.leafTypes().contains { $0.contains("session.suspected") })
        #expect(try await again.mismatches() == [])
    }

    @Test("two clients at once with one refresh token: one wins, and nobody keeps the session")
    func race() async throws {
        let fixture = try await DeskFixture.populated()
        let answer = try await fixture.signIn("ada@example.org")
        let results = await withTaskGroup(of: Bool.self) { group in
            for client in [DeskFixture.client, Client(address: "192.0.2.7", userAgent: "other/1")] {
                group.addTask {
                    await refusal { try await fixture.desk.refresh(answer.refreshToken, client: client) } == nil
                }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(results.count { $0 } <= 1)
        #expect(await fixture.isRefused(bearer: answer.accessToken))
    }

    @Test("refresh tokens that nobody made are refused, and end nothing")
    func forgedRefresh() async throws {
        let fixture = try await DeskFixture.populated()
        let answer = try await fixture.signIn("ada@example.org")
        let token = answer.refreshToken
        var altered = Array(token.utf8)
        altered[altered.count - 10] ^= 1
        let forged = [
            "", "bureau_rt_", token + "A", String(token.dropLast()), String(decoding: altered, as: UTF8.self),
            "bureau_rt_" + String(repeating: "A", count: 75), answer.accessToken,
        ]
        for text in forged {
            #expect(
                await refusal { try await fixture.desk.refresh(text, client: DeskFixture.client) } == .unauthenticated)
        }
        _ = try await fixture.desk.refresh(token, client: DeskFixture.client)
    }

    @Test("J13, J14: a role, a password, switching off, closing the tenant: what was given out ends at once")
    func ends() async throws {
        let caller = DeskFixture.operatorCaller
        let changes: [@Sendable (DeskFixture, AccountRecord) async throws -> Void] = [
            { _ = try await $0.desk.change($1.id, AccountWish(roles: ["user"]), by: caller) },
            { _ = try await $0.desk.change($1.id, AccountWish(isEnabled: false), by: caller) },
            { _ = try await $0.desk.resetPassword(of: $1.id, to: nil, by: caller) },
            { fixture, _ in
                try await fixture.desk.changeShared { journal throws(JournalError) in
                    try journal.tenantSet(
                        TenantRecord(name: "acme", title: "", isOpen: false, createdAt: journal.now, createdBy: "x"),
                        by: "x")
                }
            },
        ]
        for (number, change) in changes.enumerated() {
            let fixture = try await DeskFixture.populated()
            let answer = try await fixture.signIn("ada@example.org"), ada = try await fixture.account("ada@example.org")
            let minted = try await fixture.desk.mint(
                for: ada.id, scopes: [Scope(Permission(.agents, .read))], seconds: 600, by: caller)
            _ = try await fixture.caller(bearer: minted.token)
            try await change(fixture, ada)
            #expect(await fixture.isRefused(bearer: answer.accessToken), "change \(number)")
            #expect(await fixture.isRefused(bearer: minted.token), "change \(number)")
            let refresh = await refusal {
                try await fixture.desk.refresh(answer.refreshToken, client: DeskFixture.client)
            }
            #expect(refresh == .unauthenticated, "change \(number)")
            #expect(try await fixture.mismatches() == [])
        }
    }

    @Test("one's own password: by the old one, not the same, by the rules; this session stays, others end")
    func ownPassword() async throws {
        let fixture = try await DeskFixture.populated(), desk = fixture.desk
        let here = try await fixture.signIn("ada@example.org"), there = try await fixture.signIn("ada@example.org")
        let caller = try await fixture.caller(bearer: here.accessToken), old = DeskFixture.password
        func change(_ old: String, _ new: String) async -> IdentityError.Code? {
            await refusal { try await desk.changePassword(old, to: new, by: caller, client: DeskFixture.client) }
        }
        #expect(await change("wrong", "another long password") == .unauthenticated)
        #expect(await change(old, old) == .invalid)
        #expect(await change(old, "password1234") == .invalid)
        #expect(await change(old, "another long password") == nil)
        #expect(await refusal { try await fixture.signIn("ada@example.org") } == .unauthenticated)
        #expect(await fixture.isRefused(bearer: there.accessToken))
        let other = await refusal { try await desk.refresh(there.refreshToken, client: DeskFixture.client) }
        #expect(other == .unauthenticated)
        let next = try await desk.refresh(here.refreshToken, client: DeskFixture.client)
        #expect(try await fixture.caller(bearer: next.accessToken).name == "ada@example.org")
    }

    @Test("a password that was given is good for one sign-in, with another beside it")
    func mustChange() async throws {
        let fixture = try await DeskFixture.populated()
        let ada = try await fixture.account("ada@example.org")
        let given = try await fixture.desk.resetPassword(of: ada.id, to: nil, by: DeskFixture.operatorCaller)
        #expect(await refusal { try await fixture.signIn("ada@example.org", given) } == .mustChangePassword)
        let answer = try await fixture.desk.signIn(
            email: "ada@example.org", password: given, next: "chosen by herself", client: DeskFixture.client)
        guard case .signedIn = answer else { throw Failure(.invalid, "no tokens") }
        #expect(await refusal { try await fixture.signIn("ada@example.org", given) } == .unauthenticated)
        _ = try await fixture.signIn("ada@example.org", "chosen by herself")
    }

    @Test("another cost is adopted at the next sign-in, and signs nobody out")
    func rehash() async throws {
        let fixture = try await DeskFixture.populated()
        let before = try await fixture.signIn("ada@example.org")
        var dearer = DeskFixture.settings
        dearer.bcryptCost = 5
        let again = try await fixture.reopened(settings: dearer)
        _ = try await again.signIn("ada@example.org")
        #expect(try await again.account("ada@example.org").password.map { Bcrypt.cost(of: $0.hash) } == 5)
        #expect(await !again.isRefused(bearer: before.accessToken), "and sessions survive a restart")
        #expect(try await again.mismatches() == [])
    }

    @Test("a session ends by rest and by age, and a token of another client loses its proof")
    func sessionLife() async throws {
        let fixture = try await DeskFixture.populated()
        let answer = try await fixture.signIn("ada@example.org")
        #expect(try await fixture.caller(bearer: answer.accessToken).authenticatedAt == fixture.clock.now)
        let moved = Client(address: "198.51.100.9", userAgent: "tester/1")
        for _ in 0..<3 {
            #expect(try await fixture.caller(bearer: answer.accessToken, client: moved).authenticatedAt == nil)
        }
        #expect(try await fixture.leafTypes().count { $0.contains("session.suspected") } == 1)
        fixture.clock.advance(seconds: 12 * 3_600)
        #expect(
            await refusal { try await fixture.desk.refresh(answer.refreshToken, client: DeskFixture.client) }
                == .unauthenticated)
    }

    @Test("an account with a second factor gets a token for nothing but that: J18")
    func pending() async throws {
        struct Factors: SecondFactors {
            func methodNames(of account: String) async throws(IdentityError) -> [String] { ["otp"] }
        }
        let fixture = try await DeskFixture.populated()
        fixture.desk.use(Factors())
        let answer = try await fixture.desk.signIn(
            email: "ada@example.org", password: DeskFixture.password, client: DeskFixture.client)
        guard case .needsFactor(let token, let methods, 300) = answer else { throw Failure(.invalid, "signed in") }
        #expect(methods == ["otp"])
        #expect(await fixture.isRefused(bearer: token))
        let pending = try fixture.desk.pending(token)
        let account = try #require(RunID(pending.account))
        let signed = try await fixture.desk.begin(
            account: account, methods: ["pwd", "otp"], client: DeskFixture.client)
        #expect(try await fixture.caller(bearer: signed.accessToken).methods == ["pwd", "otp"])
        #expect(await refusal { try fixture.desk.pending(signed.accessToken) } == .unauthenticated)
        fixture.clock.advance(seconds: 331)
        #expect(await refusal { try fixture.desk.pending(token) } == .unauthenticated)
    }
}
