package import Journal
package import Kernel
import Synchronization

/// `bureau_<id>_<secret>`: one long word that scanners of repositories can find.
enum APIKey {
    static let prefix = "bureau_"
    private static let idBytes = 6, secretBytes = 32

    static func make() -> (id: String, text: String) {
        let id = Hex.encode(RandomBytes.make(idBytes))
        return (id, prefix + id + "_" + UnpaddedBase64.encode(RandomBytes.make(secretBytes)))
    }

    /// Nil for what cannot be a key.
    static func id(of text: String) -> String? {
        let length = prefix.utf8.count + 2 * idBytes + 1 + 43
        guard text.utf8.count == length, text.hasPrefix(prefix) else { return nil }
        let id = String(text.dropFirst(prefix.count).prefix(2 * idBytes))
        return Hex.decode(id) == nil ? nil : id
    }
}

extension IdentityDesk {
    /// - Parameter scopes: nil: all that the account may, also later.
    /// - Returns: the key, which nobody can see again.
    package func addKey(
        of account: RunID, title: String, scopes: Set<Scope>?, expiresAt: Instant?, by caller: Principal
    ) async throws(IdentityError) -> (key: String, record: APIKeyRecord) {
        let owner = try requireRights(over: account, by: caller)
        // A key without limits gives what its owner has: so its maker must not be one with a narrower token.
        try requireCovers(caller, scopes ?? directory.withLock { $0.rights(of: owner).scopes })
        let now = clock()
        if let expiresAt, expiresAt <= now { throw IdentityError(.invalid, "the key would be over already") }
        let made = APIKey.make()
        let record = APIKeyRecord(
            id: made.id, digest: Kernel.Digest.sha256(made.text.utf8), account: owner.id, title: title,
            scopes: scopes?.sorted(), createdAt: now, createdBy: caller.name, expiresAt: expiresAt)
        try await change { journal throws(JournalError) -> Void in
            try journal.apiKeyAdd(record, by: caller.name)
        } then: { directory, _ in
            directory.put(record)
        }
        return (made.text, record)
    }

    package func revokeKey(_ id: String, by caller: Principal) async throws(IdentityError) -> APIKeyRecord {
        let view = TenantView(caller.tenant)
        let known = try await journal.ask { journal throws(JournalError) in try journal.apiKey(id, view) }
        guard let known, known.account.description == caller.id || caller.reach(.keys, .write) == .tenant else {
            throw IdentityError(.notFound, "there is no API key \(id)")
        }
        return try await change { journal throws(JournalError) -> APIKeyRecord in
            try journal.apiKeyRevoke(id, view, by: caller.name)
        } then: { directory, record in
            directory.put(record)
        }
    }

    /// - Parameter account: nil: of all that the caller sees.
    package func keys(of account: RunID?, seenBy caller: Principal) async throws(IdentityError) -> [APIKeyRecord] {
        let view = TenantView(caller.tenant)
        return try await journal.ask { journal throws(JournalError) in try journal.apiKeys(view) }
            .filter { account == nil || $0.account == account }
    }

    /// A token outside any session: for scripts. It carries the scopes that are named and no more, however much its
    /// account may later.
    package func mint(
        for account: RunID, scopes: Set<Scope>, seconds: Int64, by caller: Principal
    ) async throws(IdentityError) -> (token: String, claims: TokenClaims) {
        let owner = try requireRights(over: account, by: caller)
        guard (1...IdentitySettings.maximumMintSeconds).contains(seconds) else {
            throw IdentityError(.invalid, "a token lives from 1 second to 30 days")
        }
        guard !scopes.isEmpty else { throw IdentityError(.invalid, "name at least one scope") }
        let has = directory.withLock { $0.rights(of: owner).scopes }
        if let beyond = scopes.sorted().first(where: { !has.covers($0) }) {
            throw IdentityError(
                .forbidden, "\(owner.name) has no \(beyond): a token gives nothing that its owner lacks")
        }
        try requireCovers(caller, scopes)
        let made = try signed(.access, owner, session: nil, scopes: scopes, methods: [], seconds: seconds)
        let claims = made.claims
        try await journal.change { journal throws(JournalError) in
            _ = try journal.auditAppend(
                type: "token.minted",
                fields: [
                    "token": .string(claims.id), "account": .string(owner.id.description),
                    "scopes": .string(String(scopes.map(\.description).sorted().joined(separator: " ").prefix(200))),
                    "expires_at_ms": .integer(claims.expiresAt * 1_000), "by": .string(String(caller.name.prefix(200))),
                ])
        }
        return (made.text, claims)
    }

    // MARK: Nobody gives more than they have

    func requireCovers(_ caller: Principal, _ scopes: Set<Scope>) throws(IdentityError) {
        if let beyond = scopes.sorted().first(where: { !caller.scopes.covers($0) }) {
            throw IdentityError(.forbidden, "you have no \(beyond): nobody gives more than they have")
        }
    }

    /// An account that the caller sees and whose rights the caller has too: else whoever may set passwords could get
    /// what they may not do.
    func requireRights(over id: RunID, by caller: Principal) throws(IdentityError) -> AccountRecord {
        let found = directory.withLock { directory -> (AccountRecord, Set<Scope>)? in
            guard let account = directory.accounts[id], TenantView(caller.tenant).shows(account.tenant) else {
                return nil
            }
            return (account, directory.rights(of: account).scopes)
        }
        guard let (account, scopes) = found else { throw IdentityError(.notFound, "there is no account \(id)") }
        if account.id.description != caller.id { try requireCovers(caller, scopes) }
        return account
    }
}
