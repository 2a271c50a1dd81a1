package import Kernel

/// Something beside a password by which a person proves to be there.
package struct FactorRecord: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case totp, webauthn, sms, recovery

        package var method: StepUpRule.Method {
            switch self {
            case .totp: .oneTimeCode
            case .webauthn: .hardwareKey
            case .sms: .textMessage
            case .recovery: .recoveryCode
            }
        }
    }

    package static let maximumPerAccount = 20
    package static let maximumLabelBytes = 100

    package var id: RunID
    package var account: String
    package var tenant: String
    package var kind: Kind
    package var label: String
    package var createdAt: Instant
    /// Nil until it was proved once: then it counts.
    package var confirmedAt: Instant?
    /// Sealed; of recovery codes, their digests.
    package var secret: [UInt8]?
    /// Of an authenticator's key.
    package var credential: [UInt8]?
    package var publicKey: [UInt8]?
    /// Of codes by time: the last step that was accepted. Of keys: the authenticator's counter.
    package var counter: Int64?
    /// Of keys: it may be on other devices too.
    package var canBeBackedUp: Bool
    package var usedAt: Instant?

    package init(
        id: RunID, account: String, tenant: String, kind: Kind, label: String, createdAt: Instant,
        confirmedAt: Instant? = nil, secret: [UInt8]? = nil, credential: [UInt8]? = nil, publicKey: [UInt8]? = nil,
        counter: Int64? = nil, canBeBackedUp: Bool = false, usedAt: Instant? = nil
    ) {
        self.id = id
        self.account = account
        self.tenant = tenant
        self.kind = kind
        self.label = label
        self.createdAt = createdAt
        self.confirmedAt = confirmedAt
        self.secret = secret
        self.credential = credential
        self.publicKey = publicKey
        self.counter = counter
        self.canBeBackedUp = canBeBackedUp
        self.usedAt = usedAt
    }
}

/// An account that an identity provider vouches for, under its own name of it.
package struct FederatedAccount: Hashable, Sendable {
    package var provider: String
    package var subject: String
    package var account: String
    package var tenant: String
    package var linkedAt: Instant

    package init(provider: String, subject: String, account: String, tenant: String, linkedAt: Instant) {
        self.provider = provider
        self.subject = subject
        self.account = account
        self.tenant = tenant
        self.linkedAt = linkedAt
    }
}

/// One try to tell people of an event.
package struct NotificationAttempt: Hashable, Sendable {
    package static let keptPerChannel = 200

    package var channel: String
    package var position: Int64
    /// From 1 on.
    package var attempt: Int
    package var at: Instant
    package var milliseconds: Int64
    /// Of HTTP, or of SMTP; nil when there was no answer.
    package var status: Int?
    package var error: String?

    package init(
        channel: String, position: Int64, attempt: Int, at: Instant, milliseconds: Int64, status: Int?, error: String?
    ) {
        self.channel = channel
        self.position = position
        self.attempt = attempt
        self.at = at
        self.milliseconds = milliseconds
        self.status = status
        self.error = error
    }
}

package protocol FactorReading: AnyObject {
    /// Oldest first; those too that were not confirmed.
    func factors(of account: String) throws(JournalError) -> [FactorRecord]
    func factor(_ id: RunID) throws(JournalError) -> FactorRecord?
    func factor(credential: [UInt8]) throws(JournalError) -> FactorRecord?
    func factorTrial(of account: String) throws(JournalError) -> FactorTrial
    func identityProviders() throws(JournalError) -> [IdentityProvider]
    func federatedAccount(provider: String, subject: String) throws(JournalError) -> FederatedAccount?
    func notificationChannels() throws(JournalError) -> [NotificationChannel]
    /// Newest first.
    func notificationAttempts(_ channel: String, limit: Int) throws(JournalError) -> [NotificationAttempt]
}

package protocol FactorChanging: FactorReading {
    /// `.conflict` where the credential is anybody's already, or the account has recovery codes already; `.invalid`
    /// where it has too many factors.
    func factorAdd(_ factor: FactorRecord, by: String) throws(JournalError)
    func factorConfirm(_ id: RunID, counter: Int64?, by: String) throws(JournalError)
    /// It was proved: with its counter or its rest as they are from now on. `.conflict` for a counter that is not
    /// beyond the stored one.
    func factorUse(_ id: RunID, counter: Int64?, secret: [UInt8]?) throws(JournalError)
    func factorRemove(_ id: RunID, by: String) throws(JournalError)
    /// Takes all factors of an account away, and forgets its failures. Returns how many there were.
    func factorsReset(of account: String, by: String) throws(JournalError) -> Int
    func factorTrialSet(_ trial: FactorTrial, of account: String) throws(JournalError)
    /// With another issuer all links of the provider end: what it calls somebody is its own.
    func identityProviderSet(_ provider: IdentityProvider, by: String) throws(JournalError)
    /// Its links go with it.
    func identityProviderRemove(_ name: String, by: String) throws(JournalError)
    /// `.conflict` where the provider's subject is another account's.
    func federatedAccountLink(_ link: FederatedAccount, by: String) throws(JournalError)
    /// Makes or replaces it. A new one is told of events from now on; one that was there goes on where it was.
    func notificationChannelSet(_ channel: NotificationChannel, by: String) throws(JournalError)
    func notificationChannelRemove(_ name: String, by: String) throws(JournalError)
    /// Keeps the newest ``NotificationAttempt/keptPerChannel`` of a channel.
    func notificationAttemptAppend(_ attempt: NotificationAttempt) throws(JournalError)
}
