import Foundation
import Identity
import Journal
import Kernel
import Synchronization
import TestSupport

/// A journal, a desk of second factors and accounts, with a clock that moves only when told.
final class IdentityHouse: Sendable {
    static let publicURL = "https://bureau.example.org"

    let folder: Scratch
    let journal: SQLiteJournal
    let sessions = TestSessions()
    let factors: FactorDesk
    let box: ClockBox
    let outbox = Outbox()

    static let ana = AccountMark(id: "account-1", tenant: "acme", name: "ana@example.org")
    static let bob = AccountMark(id: "account-2", tenant: "globex", name: "bob@example.org")

    private static let key = [UInt8](repeating: 3, count: 32)

    init(folder: Scratch? = nil, at start: Int64 = 1_800_000_000_000) async throws {
        let folder = try folder ?? Scratch()
        self.folder = folder
        let box = ClockBox(start), outbox = outbox
        self.box = box
        journal = try await SQLiteJournal.open(
            folder: folder.folder("store"), clock: { box.now }, hostID: "test",
            subjects: SubjectFiles(keys: folder.folder("k"), erased: folder.folder("e")))
        factors = FactorDesk(
            journal: journal,
            settings: FactorDesk.Settings(
                party: RelyingParty(id: "bureau.example.org", origins: [Self.publicURL]),
                key: { () throws(Failure) in Self.key },
                send: { number, text, id in outbox.take(number, text, id) },
                clock: { box.now }, random: { Self.random($0) }))
    }

    var now: Instant { box.now }
    func advance(seconds: Int64) { box.advance(seconds) }

    static func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255) } }

    /// The next host on the same store.
    func reopened() async throws -> IdentityHouse {
        await journal.close()
        return try await IdentityHouse(folder: folder, at: now.unixMilliseconds)
    }

    /// A confirmed authenticator program, and what it computes codes with.
    func totp(_ account: AccountMark = ana) async throws -> OneTimePassword {
        let made = try await factors.addTOTP(account, label: "telephone")
        let password = OneTimePassword(secret: try Base32.decode(made.secret).orFail("no secret"))
        let code = try password.code(at: now).orFail("no code")
        try await factors.confirmTOTP(made.factor.id, account, code: code)
        return password
    }

    /// The code of a proof's refusal; nil where it was taken.
    func refusal(_ account: String, _ proof: ShownProof) async -> ProofError.Code? {
        do {
            _ = try await factors.prove(account, by: proof)
            return nil
        } catch {
            return error.code
        }
    }
}

final class ClockBox: Sendable {
    private let milliseconds: Mutex<Int64>
    init(_ start: Int64) { milliseconds = Mutex(start) }
    var now: Instant { Instant(unixMilliseconds: milliseconds.withLock { $0 }) }
    func advance(_ seconds: Int64) { milliseconds.withLock { $0 += 1000 * seconds } }
}

/// A gateway for text messages that keeps them.
final class Outbox: Sendable {
    private let messages = Mutex<[(number: String, text: String, id: String)]>([])
    private let failure = Mutex<Failure?>(nil)

    func take(_ number: String, _ text: String, _ id: String) -> Failure? {
        messages.withLock { $0.append((number, text, id)) }
        return failure.withLock { $0 }
    }

    func fail(_ reason: Failure?) { failure.withLock { $0 = reason } }
    var all: [(number: String, text: String, id: String)] { messages.withLock { $0 } }
    var lastCode: String { all.last.map { String($0.text.prefix(6)) } ?? "" }
}

/// Accounts and sessions as the rest of the host has them, in memory.
final class TestSessions: AccountSessions {
    struct State: Sendable {
        var accounts: [String: (mark: AccountMark, email: String)] = [
            "account-1": (IdentityHouse.ana, "ana@example.org"), "account-2": (IdentityHouse.bob, "bob@example.org"),
            "account-3": (AccountMark(id: "account-3", tenant: "default", name: "ada"), "ada@example.org"),
        ]
        var pending: [String: (AccountMark, Set<String>)] = [:]
        var begun: [(account: String, methods: Set<String>)] = []
        var renewed: [(session: String, methods: Set<String>)] = []
        var roles: [String: [String]] = [:]
        var ended: [String] = []
        var disabled: Set<String> = []
        /// Those that may do everything.
        var administrators: Set<String> = []
    }

    let state = Mutex(State())

    func pending(_ token: String) async throws(ProofError) -> (account: AccountMark, methods: Set<String>) {
        guard let found = state.withLock({ $0.pending[token] }) else { throw ProofError(.wrong, "no such token") }
        return (found.0, found.1)
    }

    func pend(_ account: AccountMark, methods: Set<String>) async throws(ProofError) -> JSONValue {
        let token = "mfa-\(UUID())"
        state.withLock { $0.pending[token] = (account, methods) }
        return ["mfa_token": .string(token)]
    }

    func begin(
        _ account: AccountMark, methods: Set<String>, client: Client
    ) async throws(ProofError) -> JSONValue {
        state.withLock { $0.begun.append((account.id, methods)) }
        return ["access_token": "t", "account": .string(account.id)]
    }

    func renew(
        session: String, account: String, methods: Set<String>, client: Client
    ) async throws(ProofError) -> JSONValue {
        state.withLock { $0.renewed.append((session, methods)) }
        return ["access_token": "t2"]
    }

    func isPassword(_ password: String, of account: String, client: Client) async throws(ProofError) -> Bool {
        password == "right \(account)"
    }

    func account(_ id: String) async throws(ProofError) -> AccountMark? {
        state.withLock { $0.disabled.contains(id) ? nil : $0.accounts[id]?.mark }
    }

    func account(email: String, tenant: String) async throws(ProofError) -> AccountMark? {
        state.withLock { $0.accounts.values.first { $0.email == email && $0.mark.tenant == tenant }?.mark }
    }

    func create(email: String, tenant: String, roles: [String], by: String) async throws(ProofError) -> AccountMark {
        let mark = AccountMark(id: "made-\(email)", tenant: tenant, name: email)
        state.withLock { $0.accounts[mark.id] = (mark, email) }
        return mark
    }

    func setRoles(_ roles: [String], of account: String, by: String) async throws(ProofError) {
        state.withLock { $0.roles[account] = roles }
    }

    func requireRights(over account: String, by caller: Principal) async throws(ProofError) {
        guard state.withLock({ $0.administrators.contains(account) }) else { return }
        guard caller.scopes.covers(Scope.everything) else { throw ProofError(.forbidden, "they may do more") }
    }

    func endSessions(of account: String, by: String) async throws(ProofError) {
        state.withLock { $0.ended.append(account) }
    }
}

extension Optional {
    func orFail(_ message: String) throws -> Wrapped {
        guard let self else { throw Failure(.internal, message) }
        return self
    }
}
