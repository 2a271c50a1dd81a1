extension SQLiteSchema {
    /// How people prove to be there beside a password, who vouches for them elsewhere, and how they are told.
    static let factors = [
        // Secrets and numbers of telephones are sealed with a key outside the store; recovery codes are digests.
        // `counter`: of a one-time code the last step, of a key the authenticator's counter.
        """
        CREATE TABLE factor (
            factor BLOB NOT NULL PRIMARY KEY CHECK (length(factor) = 16),
            account TEXT NOT NULL, tenant TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('totp', 'webauthn', 'sms', 'recovery')),
            label TEXT NOT NULL, created_at_ms INTEGER NOT NULL, confirmed_at_ms INTEGER,
            secret BLOB CHECK ((secret IS NULL) = (kind = 'webauthn')),
            credential BLOB CHECK ((credential IS NULL) = (kind <> 'webauthn')),
            public_key BLOB CHECK ((public_key IS NULL) = (credential IS NULL)),
            counter INTEGER, backed_up INTEGER NOT NULL CHECK (backed_up IN (0, 1)), used_at_ms INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX factor_account ON factor(account)",
        "CREATE UNIQUE INDEX factor_credential ON factor(credential) WHERE credential IS NOT NULL",
        "CREATE UNIQUE INDEX factor_recovery ON factor(account) WHERE kind = 'recovery'",
        """
        CREATE TABLE factor_trial (
            account TEXT NOT NULL PRIMARY KEY, failures INTEGER NOT NULL CHECK (failures >= 0),
            rests_until_ms INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE identity_provider (
            name TEXT NOT NULL PRIMARY KEY, settings TEXT NOT NULL, created_at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE federated_account (
            provider TEXT NOT NULL, subject TEXT NOT NULL, account TEXT NOT NULL, tenant TEXT NOT NULL,
            linked_at_ms INTEGER NOT NULL, PRIMARY KEY (provider, subject)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX federated_account_of ON federated_account(account)",
        """
        CREATE TABLE notification_channel (
            name TEXT NOT NULL PRIMARY KEY, settings TEXT NOT NULL, filter TEXT NOT NULL, disabled_reason TEXT,
            created_at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE notification_attempt (
            attempt_no INTEGER PRIMARY KEY AUTOINCREMENT,
            channel TEXT NOT NULL, pos INTEGER NOT NULL, attempt INTEGER NOT NULL, at_ms INTEGER NOT NULL,
            milliseconds INTEGER NOT NULL, status INTEGER, error TEXT
        ) STRICT
        """,
        "CREATE INDEX notification_attempt_of ON notification_attempt(channel, attempt_no)",
    ]
}
