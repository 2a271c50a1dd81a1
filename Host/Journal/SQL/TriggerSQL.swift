enum TriggerSQL {
    static let columns = "name, rule, enabled, created_at_ms"
    static let all = "SELECT \(columns) FROM trigger_rule ORDER BY name"
    static let set = """
        INSERT INTO trigger_rule (\(columns)) VALUES (?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET rule = excluded.rule, enabled = excluded.enabled
        """
    static let remove = "DELETE FROM trigger_rule WHERE name = ?"
}

enum WebhookSQL {
    static let columns = "name, url, filter, secret_version, overlap_until_ms, disabled_reason, created_at_ms"
    static let all = "SELECT \(columns) FROM webhook ORDER BY name"
    static let set = """
        INSERT INTO webhook (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET url = excluded.url, filter = excluded.filter,
            secret_version = excluded.secret_version, overlap_until_ms = excluded.overlap_until_ms,
            disabled_reason = excluded.disabled_reason
        """
    static let remove = "DELETE FROM webhook WHERE name = ?"

    static let attemptColumns = "webhook, pos, attempt, at_ms, milliseconds, status, error"
    static let attempts = """
        SELECT \(attemptColumns) FROM webhook_attempt WHERE webhook = ? ORDER BY attempt_no DESC LIMIT ?
        """
    static let appendAttempt = "INSERT INTO webhook_attempt (\(attemptColumns)) VALUES (?, ?, ?, ?, ?, ?, ?)"
    static let trimAttempts = """
        DELETE FROM webhook_attempt WHERE webhook = ? AND attempt_no <= (
            SELECT attempt_no FROM webhook_attempt WHERE webhook = ? ORDER BY attempt_no DESC LIMIT 1 OFFSET ?
        )
        """
}
