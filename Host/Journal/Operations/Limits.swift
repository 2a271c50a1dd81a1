import Kernel

extension SQLReading {
    func agentsHeld() throws(JournalError) -> [AgentAddress] {
        try session.rows(AgentSQL.held) { AgentAddress(department: $0.text(), name: $0.text()) }
    }

    func claimLimits() throws(JournalError) -> [ClaimScope: ClaimLimit] {
        let rows = try session.rows(OrderSQL.limits) { StoredLimit(&$0) }
        return Dictionary(rows.map { ($0.scope, $0.limit) }, uniquingKeysWith: { $1 })
    }

    func claimWeights() throws(JournalError) -> [ClaimWeight] {
        try session.rows(OrderSQL.weights) { ClaimWeight(&$0) }
    }

    func maintenances() throws(JournalError) -> [MaintenanceRecord] {
        try session.rows(OrderSQL.maintenances) { [zones] in MaintenanceRecord(&$0, zones) }
    }
}

extension SQLTransaction {
    func claimLimitSet(_ scope: ClaimScope, _ limit: ClaimLimit?, by: String) throws(JournalError) {
        guard let limit, limit != ClaimLimit() else {
            guard try session.execute(OrderSQL.removeLimit, [.text(scope.description)]) > 0 else {
                throw JournalError(.notFound, "\(scope) has no limit")
            }
            return try appendLeaf(AuditLeaves.removed("claims", "scope", scope.description, by: by))
        }
        try session.execute(
            OrderSQL.setLimit,
            [
                .text(scope.description), .optional(limit.concurrency.map(Int64.init)),
                .optional(limit.starts?.limit), .optional(limit.starts?.burst),
            ])
        try appendLeaf(AuditLeaves.claimLimit(StoredLimit(scope: scope, limit: limit), by: by))
    }

    func claimWeightSet(_ weight: ClaimWeight, by: String) throws(JournalError) {
        guard ClaimWeight.range.contains(weight.weight) else {
            throw JournalError(.invalid, "a weight is a number from 1 to 10,000, not \(weight.weight)")
        }
        let key: [SQLValue] = [.text(weight.tenant), .text(weight.department ?? "")]
        if weight.weight == 1 {
            guard try session.execute(OrderSQL.removeWeight, key) > 0 else { return }
            return try appendLeaf(AuditLeaves.weightRemoved(weight, by: by))
        }
        try session.execute(OrderSQL.setWeight, key + [.int(weight.weight)])
        try appendLeaf(AuditLeaves.claimWeight(weight, by: by))
    }

    func maintenanceSet(_ maintenance: MaintenanceRecord, by: String) throws(JournalError) {
        guard Name.isValid(maintenance.name) else {
            throw JournalError(
                .invalid,
                "\"\(maintenance.name)\" is no name for a window: use lower-case letters, digits, '.', '_' and '-'")
        }
        try session.execute(
            OrderSQL.setMaintenance,
            [
                .text(maintenance.name), .text(maintenance.scope.description),
                .text(maintenance.window.json.serialized()), .instant(now),
            ])
        guard let stored = try maintenances().first(where: { $0.name == maintenance.name }) else { return }
        try appendLeaf(AuditLeaves.maintenance(stored, by: by))
    }

    func maintenanceRemove(_ name: String, by: String) throws(JournalError) {
        guard try session.execute(OrderSQL.removeMaintenance, [.text(name)]) > 0 else {
            throw JournalError(.notFound, "there is no maintenance window \"\(name)\"")
        }
        try appendLeaf(AuditLeaves.removed("maintenance", "window", name, by: by))
    }
}

struct StoredLimit {
    var scope: ClaimScope
    var limit: ClaimLimit
}

extension StoredLimit {
    init(_ row: inout SQLRow) {
        let scope = ClaimScope(row.text()), concurrency = row.optionalInteger(), starts = row.optionalInteger()
        let burst = row.optionalInteger()
        if scope == nil { row.refuse() }
        self.scope = scope ?? .queue("")
        limit = ClaimLimit(
            concurrency: concurrency.map(Int.init),
            starts: starts.map { TrafficLimits.PerMinute(limit: $0, burst: burst ?? $0) })
    }
}

extension ClaimWeight {
    init(_ row: inout SQLRow) {
        let tenant = row.text(), department = row.text()
        self.init(tenant: tenant, department: department.isEmpty ? nil : department, weight: row.int())
    }
}

extension MaintenanceRecord {
    init(_ row: inout SQLRow, _ zones: ZoneDirectory) {
        let name = row.text(), scope = ClaimScope(row.text()), rule = try? JSONParser.parse(row.text())
        let createdAt = row.instant()
        let window = rule.flatMap { rule in
            try? MaintenanceWindow(json: rule) { name throws(TimeZoneError) in try zones.rules(name) }
        }
        if scope == nil || window == nil { row.refuse() }
        self.init(
            name: name, scope: scope ?? .queue(""),
            window: window ?? .once(from: createdAt, to: createdAt), createdAt: createdAt)
    }
}
