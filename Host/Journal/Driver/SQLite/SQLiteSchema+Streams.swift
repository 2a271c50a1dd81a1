extension SQLiteSchema {
    /// Groups of consumers over the event log, what they could not handle, and where a run's cause stands.
    static let streams = [
        """
        CREATE TABLE stream_group (
            name TEXT NOT NULL PRIMARY KEY, filter TEXT NOT NULL,
            cursor INTEGER NOT NULL CHECK (cursor >= 0),
            maximum_deliveries INTEGER NOT NULL CHECK (maximum_deliveries > 0),
            created_at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        // Exceptions and what is in somebody's hands: where all goes well, only the cursor remains.
        """
        CREATE TABLE stream_pending (
            group_name TEXT NOT NULL REFERENCES stream_group(name), pos INTEGER NOT NULL,
            consumer TEXT, deliveries INTEGER NOT NULL CHECK (deliveries > 0),
            delivered_at_ms INTEGER NOT NULL, due_at_ms INTEGER,
            PRIMARY KEY (group_name, pos), CHECK ((consumer IS NULL) = (due_at_ms IS NOT NULL))
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX stream_due ON stream_pending(group_name, due_at_ms) WHERE due_at_ms IS NOT NULL",
        """
        CREATE TABLE dead_letter (
            letter INTEGER PRIMARY KEY AUTOINCREMENT,
            group_name TEXT NOT NULL, pos INTEGER NOT NULL, at_ms INTEGER NOT NULL,
            deliveries INTEGER NOT NULL, reason TEXT NOT NULL,
            state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2)
        ) STRICT
        """,
        "CREATE INDEX dead_letter_open ON dead_letter(group_name) WHERE state = 0",
        """
        CREATE TABLE trigger_rule (
            name TEXT NOT NULL PRIMARY KEY, rule TEXT NOT NULL,
            enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)), created_at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        // The secrets stand outside, under the webhook's name and version.
        """
        CREATE TABLE webhook (
            name TEXT NOT NULL PRIMARY KEY, url TEXT NOT NULL, filter TEXT NOT NULL,
            secret_version INTEGER NOT NULL CHECK (secret_version > 0), overlap_until_ms INTEGER,
            disabled_reason TEXT, created_at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE webhook_attempt (
            attempt_no INTEGER PRIMARY KEY AUTOINCREMENT,
            webhook TEXT NOT NULL, pos INTEGER NOT NULL, attempt INTEGER NOT NULL, at_ms INTEGER NOT NULL,
            milliseconds INTEGER NOT NULL, status INTEGER, error TEXT
        ) STRICT
        """,
        "CREATE INDEX webhook_attempt_of ON webhook_attempt(webhook, attempt_no)",
        "ALTER TABLE run ADD COLUMN correlation TEXT",
        "ALTER TABLE run ADD COLUMN cause INTEGER",
        "ALTER TABLE run ADD COLUMN chain INTEGER CHECK ((chain IS NULL) = (cause IS NULL))",
    ]
}
