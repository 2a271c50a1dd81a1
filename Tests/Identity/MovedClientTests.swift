import Identity
import Journal
import Kernel
import TestSupport
import Testing

@Suite("A client that moved proves itself again, where it is")
struct MovedClientTests {
    private static let home = DeskFixture.client
    private static let elsewhere = Client(address: "198.51.100.9", userAgent: home.userAgent)

    private func isProved(_ token: String, by client: Client, _ fixture: DeskFixture) async throws -> Bool {
        let caller = try await fixture.caller(bearer: token, client: client)
        return StepUpRule.standard.verdict(on: caller, factors: [], at: fixture.clock.now) == .met
    }

    @Test("a proof from a new network holds there, is written once, and no longer where the session began")
    func proved() async throws {
        let fixture = try await DeskFixture.populated(), elsewhere = Self.elsewhere
        let tokens = try await fixture.signIn("ada@example.org"), token = tokens.accessToken
        #expect(try await isProved(token, by: Self.home, fixture))
        #expect(try await isProved(token, by: elsewhere, fixture) == false)
        _ = try await fixture.desk.prove(session: tokens.session.id, methods: ["pwd"], client: elsewhere)
        for _ in 0..<3 { #expect(try await isProved(token, by: elsewhere, fixture)) }
        #expect(try await fixture.leafTypes().count { $0.contains("session.suspected") } == 1)
        #expect(try await isProved(token, by: Self.home, fixture) == false)
        #expect(try await fixture.mismatches() == [])
    }

    @Test("a refresh from another network takes the proof away; one from the same network keeps it")
    func refreshed() async throws {
        let fixture = try await DeskFixture.populated(), desk = fixture.desk
        let tokens = try await fixture.signIn("ada@example.org")
        fixture.clock.advance(seconds: 60)
        let same = try await desk.refresh(tokens.refreshToken, client: Self.home)
        #expect(try await isProved(same.accessToken, by: Self.home, fixture))
        let moved = try await desk.refresh(same.refreshToken, client: Self.elsewhere).accessToken
        for client in [Self.home, Self.elsewhere] {
            #expect(try await isProved(moved, by: client, fixture) == false)
        }
        let reopened = try await fixture.reopened()
        #expect(try await isProved(moved, by: Self.elsewhere, reopened) == false)
        _ = try await reopened.desk.prove(session: tokens.session.id, methods: ["pwd"], client: Self.elsewhere)
        #expect(try await isProved(moved, by: Self.elsewhere, reopened))
        #expect(try await reopened.mismatches() == [])
    }
}
