enum OrderSQL {
    static let limits = "SELECT scope, concurrency, starts_per_minute, burst FROM claim_limit ORDER BY scope"
    static let setLimit = """
        INSERT INTO claim_limit (scope, concurrency, starts_per_minute, burst) VALUES (?, ?, ?, ?)
        ON CONFLICT (scope) DO UPDATE SET concurrency = excluded.concurrency,
            starts_per_minute = excluded.starts_per_minute, burst = excluded.burst
        """
    static let removeLimit = "DELETE FROM claim_limit WHERE scope = ?"
    static let weights = "SELECT tenant, department, weight FROM claim_weight ORDER BY tenant, department"
    static let setWeight = """
        INSERT INTO claim_weight (tenant, department, weight) VALUES (?, ?, ?)
        ON CONFLICT (tenant, department) DO UPDATE SET weight = excluded.weight
        """
    static let removeWeight = "DELETE FROM claim_weight WHERE tenant = ? AND department = ?"
    static let maintenances = "SELECT name, scope, rule, created_at_ms FROM maintenance ORDER BY name"
    static let setMaintenance = """
        INSERT INTO maintenance (name, scope, rule, created_at_ms) VALUES (?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET scope = excluded.scope, rule = excluded.rule
        """
    static let removeMaintenance = "DELETE FROM maintenance WHERE name = ?"
}
