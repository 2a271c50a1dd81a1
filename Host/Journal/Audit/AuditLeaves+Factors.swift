import Kernel

extension AuditLeaves {
    /// Of secrets, keys and credentials only digests: of a secret, over its sealed form.
    static func factor(_ factor: FactorRecord, _ change: String, by: String? = nil) -> LeafContent {
        LeafContent(
            "factor.\(change)",
            [
                "factor": text(factor.id.description), "account": text(factor.account), "tenant": text(factor.tenant),
                "kind": text(factor.kind.rawValue), "label": digest(Array(factor.label.utf8)),
                "created_at_ms": time(factor.createdAt), "confirmed_at_ms": factor.confirmedAt.map(time),
                "sealed": factor.secret.map(digest), "credential": factor.credential.map(digest),
                "public_key": factor.publicKey.map(digest), "counter": factor.counter.map(number),
                "backed_up": .bool(factor.canBeBackedUp), "used_at_ms": factor.usedAt.map(time),
                "changed_by": by.map(text),
            ])
    }

    static func factorTrial(_ row: StoredTrial) -> LeafContent {
        LeafContent(
            row.trial.failures == 0 ? "trial.cleared" : "trial.failed",
            [
                "account": text(row.account), "failures": number(Int64(row.trial.failures)),
                "rests_until_ms": row.trial.restsUntil.map(time),
            ])
    }

    static func identityProvider(_ row: StoredProvider, by: String? = nil) -> LeafContent {
        LeafContent(
            "provider.set",
            [
                "provider": text(row.provider.name), "issuer": text(row.provider.issuer),
                "settings": digest(Array(row.settings.utf8)), "created_at_ms": time(row.createdAt),
                "changed_by": by.map(text),
            ])
    }

    /// Providers' names of people are often their addresses.
    static func federatedAccount(_ link: FederatedAccount, by: String? = nil) -> LeafContent {
        LeafContent(
            "federation.linked",
            [
                "provider": text(link.provider), "identity": digest(Array(link.subject.utf8)),
                "account": text(link.account), "tenant": text(link.tenant), "linked_at_ms": time(link.linkedAt),
                "changed_by": by.map(text),
            ])
    }

    static func federatedAccountRemoved(_ link: FederatedAccount, by: String) -> LeafContent {
        LeafContent(
            "federation.removed",
            [
                "provider": text(link.provider), "identity": digest(Array(link.subject.utf8)),
                "changed_by": text(by),
            ])
    }

    static func notificationChannel(_ channel: NotificationChannel, by: String? = nil) -> LeafContent {
        LeafContent(
            "channel.set",
            [
                "channel": text(channel.name), "kind": text(channel.way.kind),
                "settings": digest(Array(channel.settings.serialized().utf8)),
                "filter": digest(Array(channel.filter.json.serialized().utf8)),
                "disabled": channel.disabledReason.map { digest(Array($0.utf8)) },
                "created_at_ms": time(channel.createdAt), "changed_by": by.map(text),
            ])
    }
}
