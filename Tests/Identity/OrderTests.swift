import Identity
import Journal
import Kernel
import Synchronization
import TestSupport
import Testing

/// Answers one write late, as a busy executor may: a moment after its commit, or when it is let go.
private final class LateJournal: JournalStore {
    private struct State {
        var isNextLate = false
        var hasCommitted = false
        var isLetGo = false
    }

    private static let longestMilliseconds = 300

    private let base: any JournalStore
    private let state = Mutex(State())

    init(_ base: any JournalStore) { self.base = base }

    func holdNext() { state.withLock { $0 = State(isNextLate: true) } }
    func letGo() { state.withLock { $0.isLetGo = true } }

    func committed() async throws {
        while !state.withLock({ $0.hasCommitted }) { try await Task.sleep(for: .milliseconds(1)) }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let isLate = state.withLock { state -> Bool in
            defer { state.isNextLate = false }
            return state.isNextLate
        }
        let value = try await base.write(body)
        guard isLate else { return value }
        state.withLock { $0.hasCommitted = true }
        for _ in 0..<Self.longestMilliseconds where !state.withLock({ $0.isLetGo }) {
            try? await Task.sleep(for: .milliseconds(1))
        }
        return value
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalReading) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value { try await base.read(body) }

    var readyRuns: ReadyFeed { base.readyRuns }
    func close() async { await base.close() }
}

@Suite("What was taken away stays away", .timeLimit(.minutes(1)))
struct OrderTests {
    /// Begins `late`, does `taking` when that is committed, and lets it answer only then.
    private func run(
        _ journal: LateJournal, _ late: @escaping @Sendable () async throws -> Void,
        taking: () async throws -> Void
    ) async throws {
        journal.holdNext()
        let first = Task { try await late() }
        try await journal.committed()
        try await taking()
        journal.letGo()
        try await first.value
    }

    @Test("a change whose answer comes late brings back no account, session or key that ended meanwhile")
    func late() async throws {
        let fixture = try await DeskFixture.populated(), clock = fixture.clock
        let journal = LateJournal(fixture.journal), caller = DeskFixture.operatorCaller
        let desk = try await IdentityDesk.open(
            journal: journal, files: IdentityFiles(storeFolder: fixture.folder.folder("store")),
            settings: DeskFixture.settings, clock: { clock.now }, by: "test")
        func signIn(_ name: String) async throws -> TokenAnswer {
            let answer = try await desk.signIn(email: name, password: DeskFixture.password, client: DeskFixture.client)
            guard case .signedIn(let tokens) = answer else { throw Failure(.internal, "a factor is asked for") }
            return tokens
        }
        func isGood(bearer: String? = nil, key: String? = nil) async -> Bool {
            let shown = ShownCredentials(bearer: bearer, key: key, claimedName: nil, client: DeskFixture.client)
            return (try? await desk.principal(of: shown)) != nil
        }
        let ada = try await signIn("ada@example.org"), bob = try await signIn("bob@example.org")
        let made = try await desk.addKey(of: bob.session.account, title: "", scopes: nil, expiresAt: nil, by: caller)
        let own = try await desk.addKey(of: ada.session.account, title: "", scopes: nil, expiresAt: nil, by: caller)
        for key in [made.key, own.key] { #expect(await isGood(key: key)) }

        try await run(journal) {
            try await desk.ensureTenant("third", by: caller)
        } taking: {
            _ = try await desk.revokeKey(made.record.id, by: caller)
        }
        #expect(await isGood(key: made.key) == false, "a role, team or tenant is read with all the rest")

        try await run(journal) {
            _ = try await desk.prove(session: bob.session.id, methods: ["otp"], client: DeskFixture.client)
        } taking: {
            try await desk.end(session: bob.session.id, because: "revoked", by: caller)
        }
        #expect(await isGood(bearer: bob.accessToken) == false, "a session that was proved late")

        try await run(journal) {
            _ = try await desk.change(ada.session.account, AccountWish(title: "Dr"), by: caller)
        } taking: {
            _ = try await desk.change(ada.session.account, AccountWish(isEnabled: false), by: caller)
        }
        #expect(await isGood(key: own.key) == false, "an account that was switched off")
    }
}
