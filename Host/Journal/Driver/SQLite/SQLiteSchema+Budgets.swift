extension SQLiteSchema {
    /// Limits that begin anew, stops, alerts, caps of runs, corrections, and a ledger whose entries name their window.
    ///
    /// Old rows keep their meaning: `budget` is a node's account over its whole life, and `opening` is the limit that
    /// it had before limits were entries of the ledger.
    static let budgets =
        [
            "ALTER TABLE budget ADD COLUMN opening INTEGER",
            "UPDATE budget SET opening = amount_limit",
            "ALTER TABLE budget ADD COLUMN soft TEXT",
            "ALTER TABLE budget ADD COLUMN stopped INTEGER CHECK (stopped IN (0, 1))",
            "ALTER TABLE budget ADD COLUMN stop_at_ms INTEGER",
            "ALTER TABLE budget ADD COLUMN stop_by TEXT",
            "ALTER TABLE budget ADD COLUMN stop_reason TEXT",
            // Every run that is admitted asks whether anything is stopped: nearly always nothing is.
            "CREATE INDEX budget_stopped ON budget(node) WHERE stopped = 1",
            """
            CREATE TABLE budget_limit (
                node TEXT NOT NULL, period TEXT NOT NULL, amount INTEGER CHECK (amount >= 0),
                soft TEXT NOT NULL, rollover TEXT NOT NULL,
                PRIMARY KEY (node, period)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE budget_window (
                node TEXT NOT NULL, period TEXT NOT NULL, opens_ms INTEGER NOT NULL, closes_ms INTEGER NOT NULL,
                issued INTEGER NOT NULL DEFAULT 0,
                held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
                spent INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
                PRIMARY KEY (node, period, opens_ms), CHECK (opens_ms < closes_ms)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE budget_alert (
                node TEXT NOT NULL, period TEXT NOT NULL, opens_ms INTEGER NOT NULL, threshold INTEGER NOT NULL,
                at_ms INTEGER NOT NULL,
                PRIMARY KEY (node, period, opens_ms, threshold)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE run_cap (
                node TEXT NOT NULL PRIMARY KEY, max_cost INTEGER, max_tokens INTEGER, max_steps INTEGER,
                max_seconds INTEGER
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE ledger_adjustment (
                adjustment INTEGER PRIMARY KEY AUTOINCREMENT,
                at_ms INTEGER NOT NULL, attempt TEXT NOT NULL, before INTEGER NOT NULL, after INTEGER NOT NULL,
                made_by TEXT NOT NULL, reason TEXT NOT NULL, evidence TEXT NOT NULL
            ) STRICT
            """,
            "ALTER TABLE reservation ADD COLUMN tokens INTEGER CHECK (tokens >= 0)",
            "ALTER TABLE reservation ADD COLUMN used_tokens INTEGER CHECK (used_tokens >= 0)",
            "CREATE INDEX reservation_tokens ON reservation(run_id) WHERE tokens IS NOT NULL",
            "ALTER TABLE run ADD COLUMN user TEXT",
            "ALTER TABLE run ADD COLUMN max_tokens INTEGER",
            "ALTER TABLE run ADD COLUMN max_steps INTEGER",
            "ALTER TABLE run ADD COLUMN max_seconds INTEGER",
        ] + windowedLedger + appendOnly("ledger") + appendOnly("ledger_adjustment")

    /// A column's check cannot be altered, so the table is written anew, numbers kept. Its guards go with it.
    private static let windowedLedger = [
        """
        CREATE TABLE ledger_with_windows (
            entry INTEGER PRIMARY KEY AUTOINCREMENT,
            at_ms INTEGER NOT NULL, attempt TEXT NOT NULL, run_id BLOB, node TEXT NOT NULL,
            period TEXT NOT NULL, opens_ms INTEGER NOT NULL,
            kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 8),
            amount INTEGER NOT NULL CHECK (amount >= 0),
            CHECK ((run_id IS NULL) = (kind IN (5, 6)))
        ) STRICT
        """,
        """
        INSERT INTO ledger_with_windows
        SELECT entry, at_ms, attempt, run_id, node, 'lifetime', 0, kind, amount FROM ledger ORDER BY entry
        """,
        "DROP TABLE ledger",
        "ALTER TABLE ledger_with_windows RENAME TO ledger",
        "CREATE INDEX ledger_run ON ledger(run_id, entry)",
    ]
}
