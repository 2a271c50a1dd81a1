package import Gateway
package import Journal
package import Kernel

/// Makes, changes and removes webhooks, with their secrets: those stand in the key vault, never in the journal.
package struct WebhookDesk: Sendable {
    /// How long the secret before the newest signs too, unless said otherwise.
    package static let overlapSeconds: Int64 = 86_400

    private let journal: any JournalStore
    private let vault: KeyVault
    private let clock: @Sendable () -> Instant

    package init(journal: any JournalStore, vault: KeyVault, clock: @escaping @Sendable () -> Instant) {
        self.journal = journal
        self.vault = vault
        self.clock = clock
    }

    /// What must hold in the transaction of a change: it throws where the webhook is another's by then.
    package typealias Check = @Sendable (any JournalTransaction) throws(JournalError) -> Void

    /// - Returns: the secret, of a new one; nil for one that was there, which keeps its secret and is enabled again.
    package func set(
        _ name: String, url: String, filter: EventFilter, by: String, if check: @escaping Check = { _ in }
    ) async throws(EngineError) -> (webhook: WebhookRecord, secret: String?) {
        do {
            _ = try FetchURL(url)
        } catch {
            throw EngineError(.invalid, "the webhook's url: \(error.message)")
        }
        try Self.checkName(name)
        let known = try await find(name)
        var webhook = known ?? WebhookRecord(name: name, url: url, filter: filter, createdAt: clock())
        (webhook.url, webhook.filter, webhook.disabledReason) = (url, filter, nil)
        // The journal decides whose the name is, and only then there is a secret of that name.
        try await store(webhook, over: known, by, check)
        guard known == nil else { return (webhook, nil) }
        do throws(EngineError) {
            return (webhook, try keep(webhook))
        } catch {
            // Without its secret nothing that it says could be verified.
            _ = try? await journal.write { journal throws(JournalError) in try journal.webhookRemove(name, by: by) }
            throw error
        }
    }

    /// - Returns: the new secret; until the overlap is over, messages carry the signatures of both.
    package func rotate(
        _ name: String, overlapSeconds: Int64, by: String, if check: @escaping Check = { _ in }
    ) async throws(EngineError) -> (webhook: WebhookRecord, secret: String) {
        let known = try await known(name)
        var webhook = known
        webhook.secretVersion += 1
        webhook.overlapUntil = clock().advanced(byMilliseconds: max(0, overlapSeconds) * 1000)
        let secret = try keep(webhook)
        try await store(webhook, over: known, by, check)
        if webhook.secretVersion > 2 { try? vault.remove(webhook.secretName(version: webhook.secretVersion - 2)) }
        return (webhook, secret)
    }

    package func remove(
        _ name: String, by: String, if check: @escaping Check = { _ in }
    ) async throws(EngineError) {
        let webhook = try await known(name)
        do {
            try await journal.write { journal throws(JournalError) in
                try check(journal)
                try journal.webhookRemove(name, by: by)
            }
        } catch {
            throw EngineError(error)
        }
        for version in [webhook.secretVersion - 1, webhook.secretVersion] where version > 0 {
            try? vault.remove(webhook.secretName(version: version))
        }
    }

    package func known(_ name: String) async throws(EngineError) -> WebhookRecord {
        guard let webhook = try await find(name) else {
            throw EngineError(.notFound, "there is no webhook \"\(name)\"")
        }
        return webhook
    }

    private func find(_ name: String) async throws(EngineError) -> WebhookRecord? {
        do {
            return try await journal.read { journal throws(JournalError) in try journal.webhooks() }
                .first { $0.name == name }
        } catch {
            throw EngineError(error)
        }
    }

    private static func checkName(_ name: String) throws(EngineError) {
        guard Name.isValid(name) else {
            throw EngineError(
                .invalid, "\"\(name)\" is no name for a webhook: use lower-case letters, digits, '.', '_' and '-'")
        }
    }

    private func keep(_ webhook: WebhookRecord) throws(EngineError) -> String {
        let secret = WebhookMessage.secret(from: SystemClock.randomBytes(count: WebhookMessage.secretBytes))
        do {
            try vault.set(webhook.secretName(version: webhook.secretVersion), to: secret)
        } catch {
            throw EngineError(.storage, error.message)
        }
        return secret
    }

    /// - Parameter known: as it was found; nil: as none was. Another one by now is somebody else's change.
    private func store(
        _ webhook: WebhookRecord, over known: WebhookRecord?, _ by: String, _ check: @escaping Check
    ) async throws(EngineError) {
        do {
            try await journal.write { journal throws(JournalError) in
                try check(journal)
                guard try journal.webhooks().first(where: { $0.name == webhook.name }) == known else {
                    throw JournalError(
                        .conflict(current: 0), "the webhook \"\(webhook.name)\" was changed at the same time")
                }
                try journal.webhookSet(webhook, by: by)
            }
        } catch {
            throw EngineError(error)
        }
    }
}
