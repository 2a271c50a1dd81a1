import Kernel

/// What a leaf claims about one row: which row, and a digest of all that the leaf says of it. The newest claim about
/// a row must be what the row gives today.
struct AuditClaim: Hashable, Sendable {
    /// The row in words, unique for each.
    var row: String
    var facts: Digest
}

/// Reads claims out of leaves. The same function reads the stored leaf and the one computed from the row.
enum AuditSubject {
    /// Members that say when, why and by whom, not what the row holds.
    private static let circumstances: Set<String> = ["seq", "ts", "type", "reason", "now", "changed_by", "call"]

    /// The members that name the row, for each family of leaf types.
    private static let keys: [String: [String]] = [
        "run": ["run"], "step": ["run", "step"], "state": ["tenant", "department", "agent", "key"],
        "artifact": ["run", "name"], "message": ["key"], "budget": ["node"], "approval": ["run", "step"],
        "agent": ["department", "agent"], "department": ["department"],
        "grant": ["grant"], "tool": ["tool"], "quarantine": ["department"],
        "prices": ["book"], "install": ["install"], "publisher": ["publisher"],
        "stop": ["node"], "limit": ["node", "period"], "window": ["node", "period", "opens_ms"],
        "alert": ["node", "period", "opens_ms", "threshold"], "caps": ["node"], "adjustment": ["adjustment"],
        "stream": ["group"], "letter": ["letter"], "trigger": ["trigger"], "webhook": ["webhook"],
        "claims": ["scope"], "weight": ["tenant", "department"], "maintenance": ["window"],
        "act": ["run", "step", "act"], "rule": ["department", "task"],
        "schedule": ["schedule"], "fire": ["schedule", "nominal_ms"],
        "version": ["department", "agent", "version"], "pin": ["run"], "pool": ["department", "pool"],
        "archive": ["run"], "retention": ["class"], "class": ["run"], "hold": ["hold"], "setting": ["setting"],
        "subject": ["subject"], "tenant": ["tenant"], "team": ["tenant", "team"], "role": ["tenant", "role"],
        "account": ["account"], "apikey": ["apikey"], "session": ["session"], "signing": ["signing"],
        "lockout": ["lockout"], "factor": ["factor"], "trial": ["account"], "provider": ["provider"],
        "federation": ["provider", "identity"], "channel": ["channel"],
    ]

    /// A type belongs to the family that its first word names, but for these.
    private static let families = [
        "department.granted": "grant", "department.revoked": "grant", "department.quarantined": "quarantine",
        "department.reset": "quarantine", "budget.stopped": "stop", "budget.resumed": "stop",
        "plugin.installed": "install", "plugin.upgraded": "install", "plugin.rolled_back": "install",
        "run.archived": "archive", "plugin.removed": "install", "plugin.trusted": "publisher",
        "plugin.distrusted": "publisher", "schedule.fired": "fire", "run.classified": "class",
    ]

    /// Types that speak of no row.
    private static let rowless: Set<String> = ["stream.reset", "schedule.missed", "subject.keys_rotated"]

    /// Types that only the journal's own operations append.
    static let ownTypes: Set<String> = [
        "run.admitted", "run.started", "run.finished", "run.paused", "run.requeued", "run.cancel_requested",
        "run.retried", "run.due", "run.pinned", "run.waiting", "run.resumed", "run.cost", "step.intended",
        "step.finished", "state.put", "state.remove", "artifact.put", "message.sent", "message.acknowledged",
        "message.dead", "message.requeued", "budget.set", "ledger.reserve", "ledger.settle", "ledger.release",
        "ledger.ambiguous", "approval.opened", "approval.changed", "approval.decided", "act.approve", "act.reject",
        "act.edit", "act.delegate", "act.withdraw", "act.time", "rule.set", "rule.removed", "agent.set",
        "department.set", "department.granted", "department.revoked", "department.quarantined", "department.reset",
        "plugin.crashed", "plugin.installed", "plugin.upgraded", "plugin.rolled_back", "plugin.removed",
        "plugin.trusted", "plugin.distrusted", "tool.bound", "tool.unbound", "prices.imported", "event.appended",
        "run.corrected", "ledger.issue", "ledger.adjust", "budget.stopped", "budget.resumed", "limit.set",
        "window.opened", "alert.raised", "caps.set", "adjustment.made", "stream.set", "stream.reset", "stream.removed",
        "letter.added", "letter.reprocessed", "letter.deleted", "trigger.set", "trigger.removed", "webhook.set",
        "webhook.removed", "run.delayed", "run.expired", "claims.limited", "claims.removed", "weight.set",
        "weight.removed", "maintenance.set", "maintenance.removed",
        "schedule.set", "schedule.looked", "schedule.paused", "schedule.resumed",
        "schedule.removed", "schedule.fired", "schedule.missed", "version.added", "pin.set", "pool.set",
        "pool.removed", "run.archived", "approval.archived", "artifact.archived", "content.archived",
        "retention.set", "retention.removed", "run.classified", "hold.set", "hold.removed", "setting.set",
        "setting.removed", "subject.added", "subject.erased", "subject.retagged", "subject.keys_rotated",
        "tenant.set", "team.set", "team.removed", "role.set", "role.removed", "account.added", "account.titled",
        "account.roled", "account.teamed", "account.cleared", "account.enabled", "account.disabled",
        "account.rekeyed", "account.rehashed", "apikey.added", "apikey.used", "apikey.revoked", "session.started",
        "session.refreshed", "session.proved", "session.ended", "session.removed", "signing.set", "lockout.set",
        "lockout.removed",
        "factor.added", "factor.confirmed", "factor.used", "factor.removed", "trial.failed", "trial.cleared",
        "provider.set", "provider.removed", "federation.linked", "federation.removed", "channel.set",
        "channel.removed",
    ]

    /// Types that say that their row is gone.
    private static let removals: Set<String> = [
        "stream.removed", "trigger.removed", "webhook.removed", "claims.removed", "weight.removed",
        "maintenance.removed", "schedule.removed", "pool.removed", "rule.removed", "approval.archived",
        "artifact.archived", "retention.removed", "hold.removed", "setting.removed", "team.removed", "role.removed",
        "session.removed", "lockout.removed", "factor.removed", "provider.removed", "federation.removed",
        "channel.removed",
    ]

    /// The row that is gone since this leaf, as ``AuditClaim/row`` names it.
    static func removal(of leaf: LeafContent) -> String? {
        guard removals.contains(leaf.type) else { return nil }
        let family = String(leaf.type.prefix { $0 != "." })
        let name = keys[family]?.map { leaf.fields[$0].map(word) ?? "?" }.joined(separator: " ") ?? "?"
        return "\(family) \(name)"
    }

    /// The rows that are gone since a run moved to the archive.
    static func archived(by leaf: LeafContent) -> [String] {
        guard let run = leaf.fields["run"].map(word) else { return [] }
        switch leaf.type {
        case "run.archived":
            let steps = leaf.fields["steps"]?.integerValue ?? 0
            return ["run \(run)", "state of run \(run)", "pin \(run)", "class \(run)"]
                + (0..<max(0, steps)).map { "step \(run) \($0)" }
        case "approval.archived":
            let step = leaf.fields["step"]?.integerValue ?? 0, acts = leaf.fields["acts"]?.integerValue ?? 0
            return (0..<max(0, acts)).map { "act \(run) \(step) \($0 + 1)" }
        default: return []
        }
    }

    /// Nothing for leaves that concern no row by name: ledger movements and event batches, which are compared with
    /// ranges of rows, and leaves of other rooms.
    static func claims(of leaf: LeafContent) -> [AuditClaim] {
        let fields = leaf.fields, family = families[leaf.type] ?? String(leaf.type.prefix { $0 != "." })
        guard ownTypes.contains(leaf.type), !rowless.contains(leaf.type), !removals.contains(leaf.type),
            let keys = keys[family]
        else { return [] }
        let name = keys.map { fields[$0].map(word) ?? "?" }.joined(separator: " ")
        // Leaves once held null where they meant nothing.
        let facts = fields.filter { !circumstances.contains($0.key) && $0.value != .null }
        var claims: [AuditClaim] = []
        if family != "run" || leaf.type == "run.admitted" {
            claims.append(AuditClaim(row: "\(family) \(name)", facts: digest(.object(facts))))
        }
        if family == "run" {
            claims.append(AuditClaim(row: "state of run \(name)", facts: digest(fields["now"] ?? .null)))
        }
        return claims
    }

    static func digest(_ value: JSONValue) -> Digest { Digest.sha256(value.bytes) }

    /// Quoted, so that two names cannot run into one.
    private static func word(_ value: JSONValue) -> String {
        if case .string(let text) = value, Name.isValid(text) { text } else { value.serialized() }
    }
}
