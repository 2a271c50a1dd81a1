extension SQLiteSchema {
    /// Who there is, what they may, and what they were given to show it. Nothing here lets anybody in: passwords are
    /// hashes, keys and refresh tokens digests, and the private parts of signing keys stand outside the store.
    static let identity = [
        """
        CREATE TABLE tenant (
            name TEXT NOT NULL PRIMARY KEY, title TEXT NOT NULL, is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
            created_at_ms INTEGER NOT NULL, created_by TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE team (
            tenant TEXT NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL,
            created_at_ms INTEGER NOT NULL, created_by TEXT NOT NULL,
            PRIMARY KEY (tenant, name)
        ) STRICT, WITHOUT ROWID
        """,
        // An empty tenant: of all of them.
        """
        CREATE TABLE role (
            tenant TEXT NOT NULL, name TEXT NOT NULL, summary TEXT NOT NULL, parents TEXT NOT NULL,
            scopes TEXT NOT NULL, created_at_ms INTEGER NOT NULL, created_by TEXT NOT NULL,
            PRIMARY KEY (tenant, name)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE account (
            account BLOB NOT NULL PRIMARY KEY CHECK (length(account) = 16),
            kind TEXT NOT NULL CHECK (kind IN ('user', 'service')),
            tenant TEXT, name TEXT NOT NULL, title TEXT NOT NULL, roles TEXT NOT NULL, teams TEXT NOT NULL,
            clearance TEXT NOT NULL, enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
            version INTEGER NOT NULL CHECK (version > 0),
            password TEXT, password_at_ms INTEGER CHECK ((password_at_ms IS NULL) = (password IS NULL)),
            password_must_change INTEGER NOT NULL DEFAULT 0,
            created_at_ms INTEGER NOT NULL, created_by TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE UNIQUE INDEX account_user ON account(name) WHERE kind = 'user'",
        "CREATE UNIQUE INDEX account_service ON account(coalesce(tenant, ''), name) WHERE kind = 'service'",
        """
        CREATE TABLE api_key (
            key_id TEXT NOT NULL PRIMARY KEY, digest BLOB NOT NULL CHECK (length(digest) = 32),
            account BLOB NOT NULL, title TEXT NOT NULL, scopes TEXT, created_at_ms INTEGER NOT NULL,
            created_by TEXT NOT NULL, expires_at_ms INTEGER, used_at_ms INTEGER, revoked_at_ms INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE session (
            session BLOB NOT NULL PRIMARY KEY CHECK (length(session) = 16),
            account BLOB NOT NULL, methods TEXT NOT NULL, client BLOB NOT NULL CHECK (length(client) = 32),
            network TEXT NOT NULL, agent TEXT NOT NULL, created_at_ms INTEGER NOT NULL, proved_at_ms INTEGER NOT NULL,
            generation INTEGER NOT NULL, refresh BLOB NOT NULL CHECK (length(refresh) = 32),
            refreshed_at_ms INTEGER NOT NULL,
            ended_at_ms INTEGER, end_reason TEXT CHECK ((end_reason IS NULL) = (ended_at_ms IS NULL))
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX session_open ON session(account) WHERE ended_at_ms IS NULL",
        "CREATE INDEX session_age ON session(created_at_ms)",
        """
        CREATE TABLE signing_key (
            kid TEXT NOT NULL PRIMARY KEY, algorithm TEXT NOT NULL, public_key BLOB NOT NULL,
            made_at_ms INTEGER NOT NULL, active_at_ms INTEGER NOT NULL, retired_at_ms INTEGER,
            withdrawn_at_ms INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE lockout (
            account BLOB NOT NULL PRIMARY KEY, failures INTEGER NOT NULL, since_ms INTEGER NOT NULL,
            until_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
