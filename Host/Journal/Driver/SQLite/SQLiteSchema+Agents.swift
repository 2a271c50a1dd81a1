extension SQLiteSchema {
    /// Agents with a life, versions and pools; messages that are delivered; which version a run began with.
    static let agents = [
        "ALTER TABLE agent ADD COLUMN state INTEGER NOT NULL DEFAULT 1 CHECK (state BETWEEN 0 AND 4)",
        "ALTER TABLE agent ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version > 0)",
        "ALTER TABLE agent ADD COLUMN profile TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE agent ADD COLUMN pool TEXT",
        "CREATE INDEX agent_of_pool ON agent(department, pool) WHERE pool IS NOT NULL",
        "CREATE INDEX agent_of_name ON agent(name)",
        """
        CREATE TABLE agent_version (
            department TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL CHECK (version > 0),
            configuration BLOB NOT NULL, profile TEXT NOT NULL, at_ms INTEGER NOT NULL, changed_by TEXT NOT NULL,
            note TEXT NOT NULL, PRIMARY KEY (department, name, version)
        ) STRICT, WITHOUT ROWID
        """,
        // Of named agents only: a department's own has one version.
        """
        CREATE TABLE agent_run (
            run_id BLOB NOT NULL PRIMARY KEY CHECK (length(run_id) = 16), version INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE agent_pool (
            department TEXT NOT NULL, name TEXT NOT NULL, configuration BLOB NOT NULL, profile TEXT NOT NULL,
            policy TEXT NOT NULL, created_at_ms INTEGER NOT NULL, PRIMARY KEY (department, name)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX run_agent ON run(department, agent, run_no) WHERE agent <> 'default'",
        "CREATE INDEX run_agent_open ON run(department, agent, state) WHERE agent <> 'default' AND state < 5",
        "ALTER TABLE message ADD COLUMN receiver TEXT NOT NULL DEFAULT 'default'",
        "ALTER TABLE message ADD COLUMN sender TEXT",
        "ALTER TABLE message ADD COLUMN run_id BLOB CHECK (length(run_id) = 16)",
        "ALTER TABLE message ADD COLUMN chain INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE message ADD COLUMN state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2)",
        "ALTER TABLE message ADD COLUMN deliveries INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE message ADD COLUMN due_at_ms INTEGER NOT NULL DEFAULT 0",
        // Its receiver's profile names its type. Follows the profile, so that what starts runs is found at once.
        "ALTER TABLE message ADD COLUMN starts INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE message ADD COLUMN reason TEXT",
        "ALTER TABLE message ADD COLUMN started BLOB CHECK (length(started) = 16)",
        "ALTER TABLE message ADD COLUMN ended_at_ms INTEGER",
        "ALTER TABLE message ADD COLUMN pos INTEGER",
        "CREATE INDEX message_open ON message(department, receiver, sender, message_no) WHERE state = 0",
        "CREATE INDEX message_starts ON message(due_at_ms) WHERE state = 0 AND starts = 1",
        "CREATE INDEX message_ended ON message(department, receiver, message_no) WHERE state <> 0",
    ]
}
