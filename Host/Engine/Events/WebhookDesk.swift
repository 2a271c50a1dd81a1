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

    /// - Returns: the secret, of a new one; nil for one that was there, which keeps its secret and is enabled again.
    package func set(
        _ name: String, url: String, filter: EventFilter, by: String
    ) async throws(EngineError) -> (webhook: WebhookRecord, secret: String?) {
        do {
            _ = try FetchURL(url)
        } catch {
            throw EngineError(.invalid, "the webhook's url: \(error.message)")
        }
        var secret: String?
        let webhook: WebhookRecord
        if var known = try await find(name) {
            known.url = url
            known.filter = filter
            known.disabledReason = nil
            webhook = known
        } else {
            webhook = WebhookRecord(name: name, url: url, filter: filter, createdAt: clock())
            secret = try keep(webhook)
        }
        try await store(webhook, by)
        return (webhook, secret)
    }

    /// - Returns: the new secret; until the overlap is over, messages carry the signatures of both.
    package func rotate(
        _ name: String, overlapSeconds: Int64, by: String
    ) async throws(EngineError) -> (webhook: WebhookRecord, secret: String) {
        var webhook = try await known(name)
        webhook.secretVersion += 1
        webhook.overlapUntil = clock().advanced(byMilliseconds: max(0, overlapSeconds) * 1000)
        let secret = try keep(webhook)
        try await store(webhook, by)
        if webhook.secretVersion > 2 { try? vault.remove(webhook.secretName(version: webhook.secretVersion - 2)) }
        return (webhook, secret)
    }

    package func remove(_ name: String, by: String) async throws(EngineError) {
        let webhook = try await known(name)
        do {
            try await journal.write { journal throws(JournalError) in try journal.webhookRemove(name, by: by) }
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

    private func keep(_ webhook: WebhookRecord) throws(EngineError) -> String {
        guard Name.isValid(webhook.name) else {
            throw EngineError(
                .invalid,
                "\"\(webhook.name)\" is no name for a webhook: use lower-case letters, digits, '.', '_' and '-'")
        }
        let secret = WebhookMessage.secret(from: SystemClock.randomBytes(count: WebhookMessage.secretBytes))
        do {
            try vault.set(webhook.secretName(version: webhook.secretVersion), to: secret)
        } catch {
            throw EngineError(.storage, error.message)
        }
        return secret
    }

    private func store(_ webhook: WebhookRecord, _ by: String) async throws(EngineError) {
        do {
            try await journal.write { journal throws(JournalError) in try journal.webhookSet(webhook, by: by) }
        } catch {
            throw EngineError(error)
        }
    }
}
