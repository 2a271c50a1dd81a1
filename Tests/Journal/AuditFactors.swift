import Journal
import Kernel
import TestSupport

extension AuditTests {
    /// Second factors, identity providers and channels to people.
    func fillFactors(_ store: TestStore) async throws {
        let now = store.clock.now
        @Sendable func factor(_ kind: FactorRecord.Kind, _ number: UInt8) -> FactorRecord {
            var factor = FactorRecord(
                id: RunID(unixMilliseconds: now.unixMilliseconds, random: [UInt8](repeating: number, count: 10)),
                account: "account-1", tenant: "acme", kind: kind, label: "mine", createdAt: now)
            if kind == .webauthn {
                (factor.credential, factor.publicKey) = ([number, 1, 2], [3, 4])
                factor.counter = 1
            } else {
                factor.secret = [number, 9, 9]
            }
            return factor
        }
        let filter = EventFilter(topics: ["approval.requested"])
        let channels = try ["first", "second"].map { name in
            var channel = try NotificationChannel(
                name: name, settings: ["kind": "webhook", "url": "https://example.org/hook"], filter: filter,
                createdAt: now)
            channel.disabledReason = "gone"
            return channel
        }
        let provider = IdentityProvider(name: "idp", issuer: "https://idp.example", clientID: "c")
        let other = IdentityProvider(name: "other", issuer: "https://other.example", clientID: "c")
        try await store.journal.write { tx throws(JournalError) in
            for (kind, number) in [(FactorRecord.Kind.totp, UInt8(1)), (.webauthn, 2), (.recovery, 3), (.sms, 4)] {
                let factor = factor(kind, number)
                try tx.factorAdd(factor, by: "ana")
                try tx.factorConfirm(factor.id, counter: kind == .webauthn ? 2 : 5, by: "ana")
                try tx.factorUse(factor.id, counter: 7, secret: kind == .recovery ? [1] : nil)
            }
            let gone = factor(.sms, 5)
            try tx.factorAdd(gone, by: "ana")
            try tx.factorRemove(gone.id, by: "ana")
            try tx.factorTrialSet(FactorTrial(failures: 1), of: "account-2")
            try tx.factorTrialSet(FactorTrial(), of: "account-2")
            try tx.factorTrialSet(FactorTrial(failures: 5, restsUntil: now), of: "account-1")
            for provider in [provider, other] { try tx.identityProviderSet(provider, by: "ana") }
            for name in ["idp", "other"] {
                try tx.federatedAccountLink(
                    FederatedAccount(
                        provider: name, subject: "ada", account: "account-1", tenant: "acme", linkedAt: now),
                    by: "ana")
            }
            try tx.identityProviderRemove("other", by: "ana")
            for channel in channels { try tx.notificationChannelSet(channel, by: "ana") }
            try tx.notificationChannelRemove("second", by: "ana")
            try tx.notificationAttemptAppend(
                NotificationAttempt(
                    channel: "first", position: 1, attempt: 1, at: now, milliseconds: 1, status: 200, error: nil))
        }
    }
}
