extension SQLiteSchema {
    /// What is kept how long, and what of each run stays when it moves to the archive.
    static let archive = [
        """
        CREATE TABLE retention (
            class TEXT NOT NULL PRIMARY KEY, days INTEGER NOT NULL CHECK (days > 0)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE archived_run (
            run_id BLOB NOT NULL PRIMARY KEY CHECK (length(run_id) = 16),
            run_no INTEGER NOT NULL, tenant TEXT NOT NULL, department TEXT NOT NULL, task TEXT NOT NULL,
            idempotency_key TEXT, steps INTEGER NOT NULL CHECK (steps >= 0),
            file TEXT NOT NULL, digest BLOB NOT NULL CHECK (length(digest) = 32), archived_at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE UNIQUE INDEX archived_run_key ON archived_run(tenant, department, task, idempotency_key)
            WHERE idempotency_key IS NOT NULL
        """,
        // A key makes one run, ever: also when that run is in the archive.
        """
        CREATE TRIGGER run_key_archived BEFORE INSERT ON run WHEN new.idempotency_key IS NOT NULL AND EXISTS (
            SELECT 1 FROM archived_run WHERE tenant = new.tenant AND department = new.department
                AND task = new.task AND idempotency_key = new.idempotency_key)
        BEGIN SELECT RAISE(IGNORE); END
        """,
        // The acts of a run that is in the archive may go; all others stay.
        "DROP TRIGGER approval_act_no_delete",
        """
        CREATE TRIGGER approval_act_no_delete BEFORE DELETE ON approval_act
        WHEN NOT EXISTS (SELECT 1 FROM archived_run WHERE archived_run.run_id = old.run_id)
        BEGIN SELECT RAISE(ABORT, 'approval_act is append-only'); END
        """,
    ]
}
