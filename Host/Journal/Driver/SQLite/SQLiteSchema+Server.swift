extension SQLiteSchema {
    /// What the server keeps for its clients: answers to requests that may come again, how often each asked for what,
    /// and whether a run's result is to be reviewed because its submitter wants that.
    static let server = [
        "ALTER TABLE run ADD COLUMN reviewed INTEGER NOT NULL DEFAULT 0 CHECK (reviewed IN (0, 1))",
        """
        CREATE TABLE kept_answer (
            tenant TEXT NOT NULL, caller TEXT NOT NULL, key TEXT NOT NULL,
            digest BLOB NOT NULL CHECK (length(digest) = 32), at_ms INTEGER NOT NULL,
            status INTEGER, location TEXT, body BLOB CHECK ((body IS NULL) = (status IS NULL)),
            PRIMARY KEY (tenant, caller, key)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX kept_answer_age ON kept_answer(at_ms)",
        """
        CREATE TABLE api_usage (
            day TEXT NOT NULL, tenant TEXT NOT NULL, client TEXT NOT NULL, version TEXT NOT NULL,
            operation TEXT NOT NULL, status INTEGER NOT NULL,
            requests INTEGER NOT NULL CHECK (requests > 0), milliseconds INTEGER NOT NULL CHECK (milliseconds >= 0),
            PRIMARY KEY (day, tenant, client, version, operation, status)
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
