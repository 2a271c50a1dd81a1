import Journal
import Kernel

/// Who there is and what they may, as committed: what requests are checked against, without asking the store. One host
/// has the store, and every change comes through the desk, which tells this copy before it answers.
struct Directory: Sendable {
    /// What an account may by its roles, and whom it works with.
    struct Rights: Sendable {
        var scopes: Set<Scope>
        var colleagues: Set<String>
    }

    private(set) var accounts: [RunID: AccountRecord] = [:]
    private(set) var users: [String: RunID] = [:]
    private(set) var tenants: [String: TenantRecord] = [:]
    private var books: [String: RoleBook] = [:]
    private var general = RoleBook()
    private var rights: [RunID: Rights] = [:]
    private(set) var keys: [String: APIKeyRecord] = [:]
    /// Those that are open.
    private(set) var sessions: [RunID: SessionRecord] = [:]

    static func read(_ journal: any JournalReading) throws(JournalError) -> Directory {
        var directory = Directory()
        for account in try journal.accounts(.all) { directory.put(account) }
        for key in try journal.apiKeys(.all) where key.revokedAt == nil { directory.put(key) }
        for session in try journal.sessions(.all, open: true) { directory.put(session) }
        try directory.readShared(journal)
        return directory
    }

    /// What accounts share: a change of it may be one for everybody's rights.
    mutating func readShared(_ journal: any JournalReading) throws(JournalError) {
        tenants = Dictionary(try journal.tenants(.all).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let roles = try journal.roles(.all)
        let shared = roles.filter { $0.tenant == nil }.map(\.role)
        general = RoleBook(shared)
        books = Dictionary(grouping: roles.filter { $0.tenant != nil }) { $0.tenant ?? "" }
            .mapValues { own in RoleBook(shared + own.map(\.role)) }
        rights = [:]
    }

    mutating func put(_ account: AccountRecord) {
        accounts[account.id] = account
        if account.kind == .user { users[account.name] = account.id }
        rights = [:]
    }

    mutating func put(_ update: AccountUpdate) {
        put(update.account)
        end(update.ended)
    }

    mutating func put(_ key: APIKeyRecord) { keys[key.id] = key.revokedAt == nil ? key : nil }
    mutating func put(_ session: SessionRecord) { sessions[session.id] = session.endedAt == nil ? session : nil }
    mutating func end(_ ids: [RunID]) { for id in ids { sessions[id] = nil } }

    func book(of tenant: String?) -> RoleBook { tenant.flatMap { books[$0] } ?? general }

    /// Nil for who may not do anything: switched off, or of a tenant that is closed.
    func active(_ id: RunID) -> AccountRecord? {
        guard let account = accounts[id], account.isEnabled else { return nil }
        if let tenant = account.tenant { guard tenants[tenant]?.isOpen == true else { return nil } }
        return account
    }

    mutating func rights(of account: AccountRecord) -> Rights {
        if let known = rights[account.id] { return known }
        let teams = Set(account.teams)
        var colleagues: Set<String> = []
        if !teams.isEmpty {
            for other in accounts.values
            where other.tenant == account.tenant && !teams.isDisjoint(with: other.teams) {
                colleagues.insert(other.name)
            }
        }
        let found = Rights(
            scopes: book(of: account.tenant).scopes(of: account.roles), colleagues: colleagues)
        rights[account.id] = found
        return found
    }
}
