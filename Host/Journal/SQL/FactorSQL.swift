enum FactorSQL {
    /// The columns that ``FactorRecord`` reads.
    static let columns = """
        factor, account, tenant, kind, label, created_at_ms, confirmed_at_ms, secret, credential, public_key, counter,
        backed_up, used_at_ms
        """
    static let all = "SELECT \(columns) FROM factor ORDER BY factor"
    static let ofAccount = "SELECT \(columns) FROM factor WHERE account = ? ORDER BY created_at_ms, factor"
    static let one = "SELECT \(columns) FROM factor WHERE factor = ?"
    static let byCredential = "SELECT \(columns) FROM factor WHERE credential = ?"
    static let insert = """
        INSERT INTO factor (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """
    static let change = """
        UPDATE factor SET confirmed_at_ms = ?, secret = ?, counter = ?, used_at_ms = ? WHERE factor = ?
        """
    static let remove = "DELETE FROM factor WHERE factor = ?"

    static let trials = "SELECT account, failures, rests_until_ms FROM factor_trial ORDER BY account"
    static let trial = "SELECT account, failures, rests_until_ms FROM factor_trial WHERE account = ?"
    static let setTrial = """
        INSERT INTO factor_trial (account, failures, rests_until_ms) VALUES (?, ?, ?)
        ON CONFLICT (account) DO UPDATE SET failures = excluded.failures, rests_until_ms = excluded.rests_until_ms
        """
}

enum FederationSQL {
    static let providers = "SELECT name, settings, created_at_ms FROM identity_provider ORDER BY name"
    static let setProvider = """
        INSERT INTO identity_provider (name, settings, created_at_ms) VALUES (?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET settings = excluded.settings
        """
    static let removeProvider = "DELETE FROM identity_provider WHERE name = ?"

    static let columns = "provider, subject, account, tenant, linked_at_ms"
    static let all = "SELECT \(columns) FROM federated_account ORDER BY provider, subject"
    static let one = "SELECT \(columns) FROM federated_account WHERE provider = ? AND subject = ?"
    static let ofProvider = "SELECT \(columns) FROM federated_account WHERE provider = ? ORDER BY subject"
    static let insert = "INSERT INTO federated_account (\(columns)) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
    static let remove = "DELETE FROM federated_account WHERE provider = ? AND subject = ?"
}

enum NotificationSQL {
    static let columns = "name, settings, filter, disabled_reason, created_at_ms"
    static let all = "SELECT \(columns) FROM notification_channel ORDER BY name"
    static let set = """
        INSERT INTO notification_channel (\(columns)) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, filter = excluded.filter,
            disabled_reason = excluded.disabled_reason
        """
    static let remove = "DELETE FROM notification_channel WHERE name = ?"

    static let attemptColumns = "channel, pos, attempt, at_ms, milliseconds, status, error"
    static let attempts = """
        SELECT \(attemptColumns) FROM notification_attempt WHERE channel = ? ORDER BY attempt_no DESC LIMIT ?
        """
    static let appendAttempt = "INSERT INTO notification_attempt (\(attemptColumns)) VALUES (?, ?, ?, ?, ?, ?, ?)"
    static let trimAttempts = """
        DELETE FROM notification_attempt WHERE channel = ? AND attempt_no <= (
            SELECT attempt_no FROM notification_attempt WHERE channel = ? ORDER BY attempt_no DESC LIMIT 1 OFFSET ?
        )
        """
}
