import Identity
import Journal
import Kernel
import Server
import TestSupport
import Testing

@Suite("Nobody gets hold of more than they have")
struct ReachTests {
    @Test("second factors of who may do more are not reset, nor those of another tenant's people")
    func factors() async throws {
        let fixture = try await DeskFixture.populated(), sessions = DeskAccounts(fixture.desk)
        func refusal(over name: String, by caller: Principal) async throws -> ProofError.Code? {
            let id = try await fixture.account(name).id.description
            do {
                try await sessions.requireRights(over: id, by: caller)
                return nil
            } catch {
                return error.code
            }
        }
        let ada = try await fixture.caller(bearer: try await fixture.signIn("ada@example.org").accessToken)
        let bob = try await fixture.caller(bearer: try await fixture.signIn("bob@example.org").accessToken)
        #expect(try await refusal(over: "bob@example.org", by: ada) == .forbidden)
        #expect(try await refusal(over: "ada@example.org", by: ada) == nil)
        #expect(try await refusal(over: "ada@example.org", by: bob) == nil)
        #expect(try await refusal(over: "eve@example.org", by: bob) == .notFound)
        #expect(try await refusal(over: "bob@example.org", by: DeskFixture.operatorCaller) == nil)
    }

    @Test("a team is given by its own people, or by who may change teams: nobody takes one to see more")
    func teams() async throws {
        let fixture = try await DeskFixture.populated(), desk = fixture.desk, root = DeskFixture.operatorCaller
        try await desk.changeShared { journal throws(JournalError) in
            for name in ["people", "finance"] {
                try journal.teamSet(
                    TeamRecord(tenant: "acme", name: name, title: "", createdAt: journal.now, createdBy: "root"),
                    by: "root")
            }
        }
        let scopes = ["users.write", "runs.read_team"].compactMap { Scope($0) }
        _ = try await desk.set(Role("hr", "", scopes: scopes), tenant: "acme", by: root)
        let hal = try await fixture.add("hal@example.org", ["hr"])
        let ida = try await fixture.add("ida@example.org", ["hr"])
        _ = try await desk.change(hal.id, AccountWish(teams: ["people"]), by: root)
        _ = try await desk.change(ida.id, AccountWish(teams: ["finance"]), by: root)
        let caller = try await fixture.caller(bearer: try await fixture.signIn("hal@example.org").accessToken)
        func change(_ id: RunID, _ teams: [String]) async -> IdentityError.Code? {
            await refusal { try await desk.change(id, AccountWish(teams: teams), by: caller) }
        }
        #expect(await change(hal.id, ["people", "finance"]) == .forbidden)
        let new = NewAccount(kind: .user, tenant: "acme", name: "jo@example.org", roles: ["hr"], teams: ["finance"])
        #expect(await refusal { try await desk.add(new, by: caller) } == .forbidden)
        #expect(await change(ida.id, ["finance", "people"]) == nil, "one's own, beside what is there")
        #expect(await change(ida.id, []) == nil)
        let bob = try await fixture.caller(bearer: try await fixture.signIn("bob@example.org").accessToken)
        let wish = AccountWish(teams: ["finance"])
        #expect(await refusal { try await desk.change(hal.id, wish, by: bob) } == nil)
    }

    @Test("what the store says of its files is not told to whoever asks")
    func storage() async throws {
        let fixture = try await DeskFixture.populated()
        let token = try await fixture.signIn("ada@example.org").accessToken
        await fixture.journal.close()
        let authenticator = DeskAuthenticator(fixture.desk)
        let moved = Credentials(
            bearer: token, key: nil, claimedName: nil, address: "198.51.100.9", userAgent: "tester/1")
        var said: String?
        do {
            _ = try await authenticator.principal(of: moved)
        } catch {
            said = error.message
        }
        #expect(said == "the host's store does not answer; try again later")
        let house = try await IdentityHouse()
        await house.journal.close()
        #expect(await house.refusal(IdentityHouse.ana.id, .code("000000")) == .storage)
    }
}
