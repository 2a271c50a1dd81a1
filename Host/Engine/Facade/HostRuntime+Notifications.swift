import Gateway
import Journal
package import Kernel
import Synchronization

extension HostRuntime {
    private static let factorKeyName = "identity.factors"

    /// Of this host; `.conflict` when it has no key vault.
    package func notifications() throws(EngineError) -> NotificationDesk {
        guard let vault = core.settings.vault else {
            throw EngineError(.conflict, "this host has no key store for the secrets of channels")
        }
        return NotificationDesk(journal: core.journal, vault: vault, clock: core.clock)
    }

    /// Sends one message that no event stands behind: the other side's code, or why it was not taken.
    package func testNotification(_ name: String) async throws(EngineError) -> Result<Int, Failure> {
        await core.notificationPost.test(try await notifications().known(name))
    }

    /// A text message, over the first gateway for them in order of names.
    package func sendMessage(to number: String, _ text: String, id: String) async -> Failure? {
        let channels = try? await core.journal.read { journal throws(JournalError) in
            try journal.notificationChannels()
        }
        guard let channel = channels?.first(where: { $0.way.kind == "sms" && $0.disabledReason == nil }) else {
            return Failure(
                .notFound, "there is no gateway for text messages: bureau notify set NAME --kind sms --url …")
        }
        return await core.notificationPost.sendMessage(to: number, text, id: id, over: channel)
    }

    /// One request of the host's own, to the host of its URL and nowhere else, without redirects.
    package func fetch(_ request: HTTPRequest, for purpose: String) async -> Result<EffectResult, Failure> {
        let policy: FetchPolicy
        do {
            policy = try FetchPolicy.only(request.url, core.settings.fetches)
        } catch {
            return .failure(error)
        }
        return await core.fetcher.fetch(request, policy: policy, department: purpose, followsRedirects: false)
    }

    /// What seals the secrets of second factors: made at the first use, kept in the key vault. Under a lock: of two
    /// keys that are made at once, what the one seals would never open again.
    package func factorKey() throws(Failure) -> [UInt8] {
        guard let vault = core.settings.vault else {
            throw Failure(.unsupported, "this host has no key store for the key of second factors")
        }
        return try keptFactorKey.withLock { kept throws(Failure) -> [UInt8] in
            if let kept { return kept }
            if try !vault.names().contains(Self.factorKeyName) {
                try vault.set(Self.factorKeyName, to: Hex.encode(SystemClock.randomBytes(count: 32)))
            }
            guard let key = Hex.decode(try vault.value(of: Self.factorKeyName)) else {
                throw Failure(.denied, "the key of second factors is damaged")
            }
            kept = key
            return key
        }
    }

    /// Nil where there is none, or no key vault.
    package func vaultValue(_ name: String) -> String? { try? core.settings.vault?.value(of: name) }

    package func setVaultValue(_ name: String, to value: String?) throws(EngineError) {
        guard let vault = core.settings.vault else {
            throw EngineError(.conflict, "this host has no key store")
        }
        do throws(Failure) {
            if let value {
                try vault.set(name, to: value)
            } else if try vault.names().contains(name) {
                try vault.remove(name)
            }
        } catch {
            throw EngineError(.storage, error.message)
        }
    }
}
