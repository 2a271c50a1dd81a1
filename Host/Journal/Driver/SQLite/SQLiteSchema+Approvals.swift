extension SQLiteSchema {
    /// Who may decide, what was done about each request, and requests that end by time or are taken back.
    static let approvals =
        [
            """
            CREATE TABLE approval_new (
                run_id BLOB NOT NULL, seq INTEGER NOT NULL,
                title TEXT NOT NULL, body TEXT NOT NULL, content BLOB NOT NULL, expires_ms INTEGER,
                state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
                opened_at_ms INTEGER NOT NULL, expires_at_ms INTEGER,
                decided_by TEXT, reason TEXT, replacement BLOB,
                rules TEXT, revision INTEGER NOT NULL CHECK (revision >= 0), decided_at_ms INTEGER,
                next_look_ms INTEGER,
                PRIMARY KEY (run_id, seq)
            ) STRICT
            """,
            // Those asked before there were rules have none: everybody may decide.
            """
            INSERT INTO approval_new
            SELECT run_id, seq, title, body, content, expires_ms, state, opened_at_ms, expires_at_ms, decided_by,
                reason, replacement, NULL, 0, NULL, CASE WHEN state = 0 THEN expires_at_ms END
            FROM approval
            """,
            "DROP TABLE approval", "ALTER TABLE approval_new RENAME TO approval",
            "CREATE INDEX approval_open ON approval(opened_at_ms) WHERE state = 0",
            // When time is to be let do its part; follows from the rules and the acts.
            "CREATE INDEX approval_look ON approval(next_look_ms) WHERE next_look_ms IS NOT NULL",
            """
            CREATE TABLE approval_act (
                run_id BLOB NOT NULL, seq INTEGER NOT NULL, act INTEGER NOT NULL CHECK (act > 0),
                at_ms INTEGER NOT NULL, kind TEXT NOT NULL, actor TEXT, revision INTEGER, target TEXT, reason TEXT,
                content BLOB,
                PRIMARY KEY (run_id, seq, act), FOREIGN KEY (run_id, seq) REFERENCES approval(run_id, seq)
            ) STRICT, WITHOUT ROWID
            """,
            // An empty task: all of the department.
            """
            CREATE TABLE approval_rule (
                department TEXT NOT NULL, task TEXT NOT NULL, rules TEXT NOT NULL, created_at_ms INTEGER NOT NULL,
                PRIMARY KEY (department, task)
            ) STRICT, WITHOUT ROWID
            """,
        ] + appendOnly("approval_act")
}
