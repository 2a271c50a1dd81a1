import Kernel

/// What the operator decides about the order of runs.
extension AuditLeaves {
    static func claimLimit(_ stored: StoredLimit, by: String? = nil) -> LeafContent {
        LeafContent(
            "claims.limited",
            [
                "scope": text(stored.scope.description),
                "concurrency": stored.limit.concurrency.map { number(Int64($0)) },
                "starts_per_minute": stored.limit.starts.map { number($0.limit) },
                "burst": stored.limit.starts.map { number($0.burst) }, "changed_by": by.map(text),
            ])
    }

    static func claimWeight(_ weight: ClaimWeight, by: String? = nil) -> LeafContent {
        LeafContent(
            "weight.set",
            [
                "tenant": text(weight.tenant), "department": text(weight.department ?? ""),
                "weight": number(Int64(weight.weight)), "changed_by": by.map(text),
            ])
    }

    static func weightRemoved(_ weight: ClaimWeight, by: String) -> LeafContent {
        LeafContent(
            "weight.removed",
            [
                "tenant": text(weight.tenant), "department": text(weight.department ?? ""), "changed_by": text(by),
            ])
    }

    static func maintenance(_ maintenance: MaintenanceRecord, by: String? = nil) -> LeafContent {
        LeafContent(
            "maintenance.set",
            [
                "window": text(maintenance.name), "scope": text(maintenance.scope.description),
                "rule": digest(Array(maintenance.window.json.serialized().utf8)),
                "created_at_ms": time(maintenance.createdAt), "changed_by": by.map(text),
            ])
    }
}
