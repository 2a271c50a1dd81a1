extension SQLiteSchema {
    /// A run's place in the order and in time, and what the operator limits.
    static let scheduling = [
        "ALTER TABLE run ADD COLUMN queue TEXT NOT NULL DEFAULT 'default'",
        "ALTER TABLE run ADD COLUMN concurrency_key TEXT",
        "ALTER TABLE run ADD COLUMN start_by_ms INTEGER",
        "ALTER TABLE run ADD COLUMN deadline_ms INTEGER",
        "ALTER TABLE run ADD COLUMN ready_at_ms INTEGER",
        "ALTER TABLE run ADD COLUMN retry TEXT",
        "ALTER TABLE run ADD COLUMN retries TEXT",
        // Among those that wait for another run of their key; they have it while they are scheduled, and only then.
        "ALTER TABLE run ADD COLUMN turn INTEGER CHECK (turn IS NULL OR (state = 0 AND concurrency_key IS NOT NULL))",
        // When the first of a burst came that shall start as one.
        "ALTER TABLE run ADD COLUMN burst_at_ms INTEGER CHECK (burst_at_ms IS NULL OR turn IS NOT NULL)",
        // What is ready is known in memory; the index is for the start.
        "DROP INDEX run_ready",
        "CREATE INDEX run_ready ON run(run_no) WHERE state = 1",
        """
        CREATE INDEX run_key ON run(tenant, concurrency_key, turn)
            WHERE concurrency_key IS NOT NULL AND state < 5
        """,
        """
        CREATE INDEX run_start_by ON run(start_by_ms)
            WHERE start_by_ms IS NOT NULL AND state < 2 AND attempt = 0
        """,
        "CREATE INDEX run_deadline ON run(deadline_ms) WHERE deadline_ms IS NOT NULL AND state IN (0, 1, 4)",
        """
        CREATE TABLE claim_limit (
            scope TEXT NOT NULL PRIMARY KEY,
            concurrency INTEGER CHECK (concurrency >= 0),
            starts_per_minute INTEGER CHECK (starts_per_minute > 0), burst INTEGER CHECK (burst > 0),
            CHECK ((starts_per_minute IS NULL) = (burst IS NULL)),
            CHECK (concurrency IS NOT NULL OR starts_per_minute IS NOT NULL)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE claim_weight (
            tenant TEXT NOT NULL, department TEXT NOT NULL,
            weight INTEGER NOT NULL CHECK (weight BETWEEN 1 AND 10000),
            PRIMARY KEY (tenant, department)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE maintenance (
            name TEXT NOT NULL PRIMARY KEY, scope TEXT NOT NULL, rule TEXT NOT NULL,
            created_at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
