enum ToolSQL {
    static let columns = """
        name, is_bound, path, digest, signature, summary, side_effects, follow_upgrades, timeout_ms, bound_at_ms
        """
    static let all = "SELECT \(columns) FROM tool_binding ORDER BY name"
    static let upsert = """
        INSERT INTO tool_binding (\(columns)) VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET is_bound = 1, path = excluded.path, digest = excluded.digest,
            signature = excluded.signature, summary = excluded.summary, side_effects = excluded.side_effects,
            follow_upgrades = excluded.follow_upgrades, timeout_ms = excluded.timeout_ms,
            bound_at_ms = excluded.bound_at_ms
        """
    static let unbind = "UPDATE tool_binding SET is_bound = 0 WHERE name = ? AND is_bound = 1 RETURNING \(columns)"
}
