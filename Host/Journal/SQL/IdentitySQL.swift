enum TenantSQL {
    /// The columns that ``TenantRecord`` reads.
    static let columns = "name, title, is_open, created_at_ms, created_by"
    static let all = "SELECT \(columns) FROM tenant WHERE ?1 IS NULL OR name = ?1 ORDER BY name"
    static let every = "SELECT \(columns) FROM tenant"
    static let set = """
        INSERT INTO tenant (\(columns)) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET title = excluded.title, is_open = excluded.is_open
        """
}

enum TeamSQL {
    static let columns = "tenant, name, title, created_at_ms, created_by"
    static let all = "SELECT \(columns) FROM team WHERE ?1 IS NULL OR tenant = ?1 ORDER BY tenant, name"
    static let every = "SELECT \(columns) FROM team"
    static let set = """
        INSERT INTO team (\(columns)) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET title = excluded.title
        """
    static let remove = "DELETE FROM team WHERE tenant = ? AND name = ?"
}

enum RoleSQL {
    static let columns = "tenant, name, summary, parents, scopes, created_at_ms, created_by"
    static let all = """
        SELECT \(columns) FROM role WHERE ?1 IS NULL OR tenant = '' OR tenant = ?1 ORDER BY tenant, name
        """
    static let every = "SELECT \(columns) FROM role"
    static let set = """
        INSERT INTO role (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET summary = excluded.summary, parents = excluded.parents, scopes = excluded.scopes
        """
    static let remove = "DELETE FROM role WHERE tenant = ? AND name = ?"
}

enum AccountSQL {
    /// The columns that ``AccountRecord`` reads.
    static let columns = """
        account, kind, tenant, name, title, roles, teams, clearance, enabled, version, password, password_at_ms,
        password_must_change, created_at_ms, created_by
        """
    static let every = "SELECT \(columns) FROM account"
    static let all = "SELECT \(columns) FROM account WHERE ?1 IS NULL OR tenant = ?1 ORDER BY kind, name"
    static let one = "SELECT \(columns) FROM account WHERE account = ?2 AND (?1 IS NULL OR tenant = ?1)"
    static let user = """
        SELECT \(columns) FROM account WHERE kind = 'user' AND name = ?2 AND (?1 IS NULL OR tenant = ?1)
        """
    static let service = """
        SELECT \(columns) FROM account WHERE kind = 'service' AND coalesce(tenant, '') = ? AND name = ?
        """
    static let insert = """
        INSERT INTO account (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """
    static let set = """
        UPDATE account SET title = ?, roles = ?, teams = ?, clearance = ?, enabled = ?, version = ?, password = ?,
            password_at_ms = ?, password_must_change = ?
        WHERE account = ?
        """
}

enum APIKeySQL {
    static let columns = """
        key_id, digest, account, title, scopes, created_at_ms, created_by, expires_at_ms, used_at_ms, revoked_at_ms
        """
    private static let visible = """
        (?1 IS NULL OR account IN (SELECT account.account FROM account WHERE account.tenant = ?1))
        """
    static let every = "SELECT \(columns) FROM api_key"
    static let all = "SELECT \(columns) FROM api_key WHERE \(visible) ORDER BY created_at_ms, key_id"
    static let one = "SELECT \(columns) FROM api_key WHERE key_id = ?2 AND \(visible)"
    static let insert = """
        INSERT INTO api_key (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """
    static let revoke = "UPDATE api_key SET revoked_at_ms = ? WHERE key_id = ? AND revoked_at_ms IS NULL"
    static let noteUse = "UPDATE api_key SET used_at_ms = ? WHERE key_id = ? AND revoked_at_ms IS NULL"
}

enum SessionSQL {
    static let columns = """
        session, account, methods, client, network, agent, created_at_ms, proved_at_ms, generation, refresh,
        refreshed_at_ms, ended_at_ms, end_reason
        """
    private static let visible = """
        (?1 IS NULL OR account IN (SELECT account.account FROM account WHERE account.tenant = ?1))
        """
    static let every = "SELECT \(columns) FROM session"
    static let all = "SELECT \(columns) FROM session WHERE \(visible) ORDER BY created_at_ms DESC, session"
    static let open = """
        SELECT \(columns) FROM session WHERE ended_at_ms IS NULL AND \(visible) ORDER BY created_at_ms DESC, session
        """
    static let one = "SELECT \(columns) FROM session WHERE session = ?2 AND \(visible)"
    static let openOf = "SELECT session FROM session WHERE account = ? AND ended_at_ms IS NULL ORDER BY session"
    static let insert = """
        INSERT INTO session (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """
    static let refresh = """
        UPDATE session SET generation = ?, refresh = ?, refreshed_at_ms = ?, client = ?, network = ?, agent = ?,
            proved_at_ms = ?
        WHERE session = ? AND generation = ? AND ended_at_ms IS NULL
        """
    static let prove = """
        UPDATE session SET methods = ?, proved_at_ms = ?, client = ?, network = ?, agent = ?
        WHERE session = ? AND ended_at_ms IS NULL
        """
    static let end = """
        UPDATE session SET ended_at_ms = ?, end_reason = ? WHERE session = ? AND ended_at_ms IS NULL
        """
    static let old = "SELECT session FROM session WHERE created_at_ms < ? ORDER BY created_at_ms LIMIT ?"
    static let remove = "DELETE FROM session WHERE session = ?"
}

enum SigningKeySQL {
    static let columns = """
        kid, algorithm, public_key, made_at_ms, active_at_ms, retired_at_ms, withdrawn_at_ms
        """
    static let all = "SELECT \(columns) FROM signing_key ORDER BY made_at_ms, kid"
    static let set = """
        INSERT INTO signing_key (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET active_at_ms = excluded.active_at_ms, retired_at_ms = excluded.retired_at_ms,
            withdrawn_at_ms = excluded.withdrawn_at_ms
        """
}

enum LockoutSQL {
    static let columns = "account, failures, since_ms, until_ms"
    static let every = "SELECT \(columns) FROM lockout"
    static let all = """
        SELECT \(columns) FROM lockout
        WHERE ?1 IS NULL OR account IN (SELECT account.account FROM account WHERE account.tenant = ?1)
        ORDER BY until_ms
        """
    static let set = """
        INSERT INTO lockout (\(columns)) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET failures = excluded.failures, since_ms = excluded.since_ms,
            until_ms = excluded.until_ms
        """
    static let remove = "DELETE FROM lockout WHERE account = ?"
}
