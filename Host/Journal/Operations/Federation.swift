import Kernel

extension SQLReading {
    func identityProviders() throws(JournalError) -> [IdentityProvider] {
        try session.rows(FederationSQL.providers) { StoredProvider(&$0).provider }
    }

    func federatedAccount(provider: String, subject: String) throws(JournalError) -> FederatedAccount? {
        try session.first(FederationSQL.one, [.text(provider), .text(subject)]) { FederatedAccount(&$0) }
    }
}

extension SQLTransaction {
    func identityProviderSet(_ provider: IdentityProvider, by: String) throws(JournalError) {
        guard Name.isValid(provider.name) else {
            throw JournalError(.invalid, "\"\(provider.name)\" is no name for an identity provider")
        }
        // A subject is one issuer's word: another issuer's of the same name is another person.
        let known = try identityProviders().first { $0.name == provider.name }
        if let known, !known.issuer.utf8.elementsEqual(provider.issuer.utf8) {
            try federatedAccountsUnlink(of: provider.name, by: by)
        }
        try session.execute(
            FederationSQL.setProvider,
            [.text(provider.name), .text(provider.json.serialized()), .instant(now)])
        let stored = try session.rows(FederationSQL.providers) { StoredProvider(&$0) }
        guard let row = stored.first(where: { $0.provider.name == provider.name }) else { return }
        try appendLeaf(AuditLeaves.identityProvider(row, by: by))
    }

    func identityProviderRemove(_ name: String, by: String) throws(JournalError) {
        guard try session.execute(FederationSQL.removeProvider, [.text(name)]) > 0 else {
            throw JournalError(.notFound, "there is no identity provider \"\(name)\"")
        }
        try federatedAccountsUnlink(of: name, by: by)
        try appendLeaf(AuditLeaves.removed("provider", "provider", name, by: by))
    }

    private func federatedAccountsUnlink(of provider: String, by: String) throws(JournalError) {
        for link in try session.rows(FederationSQL.ofProvider, [.text(provider)], { FederatedAccount(&$0) }) {
            try session.execute(FederationSQL.remove, [.text(provider), .text(link.subject)])
            try appendLeaf(AuditLeaves.federatedAccountRemoved(link, by: by))
        }
    }

    func federatedAccountLink(_ link: FederatedAccount, by: String) throws(JournalError) {
        if let known = try federatedAccount(provider: link.provider, subject: link.subject) {
            guard known.account == link.account else {
                throw JournalError(.conflict(current: 1), "the provider's account is linked to another one already")
            }
            return
        }
        try session.execute(
            FederationSQL.insert,
            [
                .text(link.provider), .text(link.subject), .text(link.account), .text(link.tenant),
                .instant(link.linkedAt),
            ])
        try appendLeaf(AuditLeaves.federatedAccount(link, by: by))
    }
}

/// A provider as stored.
struct StoredProvider {
    var provider: IdentityProvider
    var settings: String
    var createdAt: Instant

    init(_ row: inout SQLRow) {
        let name = row.text()
        settings = row.text()
        createdAt = row.instant()
        let read = (try? JSONParser.parse(settings)).flatMap { try? IdentityProvider(name: name, json: $0) }
        if read == nil { row.refuse() }
        provider = read ?? IdentityProvider(name: name, issuer: "", clientID: "")
    }
}

extension FederatedAccount {
    init(_ row: inout SQLRow) {
        self.init(
            provider: row.text(), subject: row.text(), account: row.text(), tenant: row.text(),
            linkedAt: row.instant())
    }
}
