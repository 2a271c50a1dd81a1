package import Journal
package import Kernel
import Synchronization

/// Everything about who there is: signing in, sessions, tokens, keys, accounts and what they may. The rules are the
/// kernel's, what happened is the journal's; this joins them and keeps a copy of what every request asks for.
package final class IdentityDesk: Sendable {
    let journal: any JournalStore
    package let settings: IdentitySettings
    let files: IdentityFiles
    let clock: @Sendable () -> Instant
    package let ring: KeyRing
    let passwords: PasswordDesk
    let directory: Mutex<Directory>
    private let turns = Turns()
    let attempts = Attempts()
    let setup = Mutex(SetupLink())
    let operatorToken = Mutex<[UInt8]?>(nil)
    let second: Mutex<(any SecondFactors)?> = Mutex(nil)
    let suspicions = Mutex<Set<RunID>>([])

    package var now: Instant { clock() }

    /// - Parameters:
    ///   - files: beside the store.
    ///   - by: who starts it, for the log.
    package static func open(
        journal: any JournalStore, files: IdentityFiles, settings: IdentitySettings = IdentitySettings(),
        clock: @escaping @Sendable () -> Instant, by: String
    ) async throws(IdentityError) -> IdentityDesk {
        if let problem = settings.problem { throw IdentityError(.invalid, problem) }
        guard let passwords = PasswordDesk(cost: settings.bcryptCost) else {
            throw IdentityError(.storage, "libcrypt on this machine does not make bcrypt hashes")
        }
        let ring = try await KeyRing.open(
            files.keys, journal: journal, settings: settings, now: clock(), by: by)
        let directory = try await journal.ask { journal throws(JournalError) in try Directory.read(journal) }
        let locks = try await journal.ask { journal throws(JournalError) in try journal.lockouts(.all) }
        let desk = IdentityDesk(journal, settings, files, clock, ring, passwords, directory)
        for lock in locks {
            guard let account = directory.accounts[lock.account] else { continue }
            desk.attempts.restore(
                Self.key(name: account.name),
                LockoutRule.Count(failures: lock.failures, since: lock.since, lockedUntil: lock.until))
        }
        _ = try await desk.forgetOldSessions()
        return desk
    }

    private init(
        _ journal: any JournalStore, _ settings: IdentitySettings, _ files: IdentityFiles,
        _ clock: @escaping @Sendable () -> Instant, _ ring: KeyRing, _ passwords: PasswordDesk, _ directory: Directory
    ) {
        self.journal = journal
        self.settings = settings
        self.files = files
        self.clock = clock
        self.ring = ring
        self.passwords = passwords
        self.directory = Mutex(directory)
    }

    /// The second factors of accounts, where a host has them.
    package func use(_ factors: any SecondFactors) { second.withLock { $0 = factors } }

    /// Writes what was counted since the last minute.
    package func close() async {
        await write(attempts.finished(at: now, all: true))
        removeOperatorToken()
    }

    static func key(name: String) -> String { "name:" + Kernel.Digest.sha256(name.utf8).hex }
    /// Begins with that of the name.
    static func key(name: String, network: String) -> String { key(name: name) + "@" + network }
    static func key(network: String) -> String { "from:" + network }

    /// A change of the store, and of the copy that requests are checked against, in one turn: the store answers many
    /// writers at once, and whoever went on out of order would bring back what another one took away.
    func change<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value,
        then apply: (inout Directory, Value) -> Void
    ) async throws(IdentityError) -> Value {
        await turns.take()
        defer { turns.leave() }
        let value = try await journal.change(body)
        directory.withLock { apply(&$0, value) }
        return value
    }

    func newID() -> RunID {
        RunID(unixMilliseconds: clock().unixMilliseconds, random: RandomBytes.make(10))
    }

    // MARK: What was refused

    /// Kinds of refusals that are counted, not logged one by one: anybody can cause any number of them.
    package enum Refusal: Hashable, Sendable { case unauthenticated, forbidden, limited }

    package func note(_ refusal: Refusal, from address: String) async {
        let network = ClientMark(userAgent: nil, address: address).network
        await write(
            attempts.tally(network, at: now) { tally in
                switch refusal {
                case .unauthenticated: tally.unauthenticated += 1
                case .forbidden: tally.forbidden += 1
                case .limited: tally.limited += 1
                }
            })
    }

    /// Of one network in one minute: more is no mistake.
    private static let abuse = 100

    func write(_ tallies: [(String, Attempts.Tally)]) async {
        guard !tallies.isEmpty else { return }
        // What could not be written is lost; the sign-in itself does not fail for it.
        try? await journal.write { journal throws(JournalError) in
            for (network, tally) in tallies {
                if tally.failures + tally.locked > 0 {
                    var fields: [String: JSONValue] = [
                        "network": .string(network), "count": .integer(Int64(tally.failures)),
                        "locked": .integer(Int64(tally.locked)),
                    ]
                    fields["account"] = tally.account.map { .string($0.description) }
                    _ = try journal.auditAppend(type: "login.failed", fields: fields)
                }
                let refused = tally.unauthenticated + tally.forbidden + tally.limited
                if refused > 0 {
                    _ = try journal.auditAppend(
                        type: "access.refused",
                        fields: [
                            "network": .string(network), "unauthenticated": .integer(Int64(tally.unauthenticated)),
                            "forbidden": .integer(Int64(tally.forbidden)), "limited": .integer(Int64(tally.limited)),
                        ])
                }
                let all = refused + tally.failures + tally.locked
                if all >= Self.abuse {
                    _ = try journal.auditAppend(
                        type: "abuse.suspected",
                        fields: ["network": .string(network), "count": .integer(Int64(all))])
                }
            }
        }
    }
}

/// What a second factor needs to know and to say. An account is an opaque id here.
package protocol SecondFactors: Sendable {
    /// How the account can show one (`otp`, `hwk`, …); empty: it has none.
    func methodNames(of account: String) async throws(IdentityError) -> [String]
}

extension IdentityDesk {
    /// One question to the store.
    package func read<Value: Sendable>(
        _ question: @escaping @Sendable (any JournalReading) throws(JournalError) -> Value
    ) async throws(IdentityError) -> Value { try await journal.ask(question) }
}
