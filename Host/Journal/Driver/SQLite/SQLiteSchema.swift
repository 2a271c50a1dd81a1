import Kernel

/// The store's tables, as numbered migrations. A migration that has shipped is never edited.
///
/// Times are Unix milliseconds UTC, money is nanodollars, `run_no` is the narrow key inside the store and `run_id`
/// the public name.
enum SQLiteSchema {
    static let migrations: [[String]] = [
        version1, requests, grants, tools, crashes, prices, plugins, budgets, charges, streams, scheduling,
        schedules, agents, approvals, archive, oversight, subjects, identity, server, factors,
    ]
    static var newest: Int64 { Int64(migrations.count) }

    /// Brings the store to the newest version in one transaction: an upgrade that is cut short leaves the old version
    /// whole, which the old host can still open.
    static func migrate(_ connection: any SQLConnection) throws(JournalError) {
        let session = SQLSession(connection)
        let found = try version(session)
        guard found <= newest else {
            throw JournalError(
                .storage,
                "the store has schema \(found), this host knows up to \(newest): start the host that wrote it, or newer"
            )
        }
        guard found < newest else { return }
        try session.execute("BEGIN EXCLUSIVE")
        for statement in migrations[Int(found)...].joined() { try session.execute(statement) }
        try session.execute("PRAGMA user_version = \(newest)")
        try session.execute("COMMIT")
    }

    /// A reader cannot migrate: it needs a store of its own version.
    static func requireNewest(_ session: SQLSession) throws(JournalError) {
        let found = try version(session)
        guard found < newest else { return }
        throw JournalError(
            .storage, "the store has schema \(found), this version reads \(newest): start a host on it once")
    }

    static func version(_ session: SQLSession) throws(JournalError) -> Int64 {
        try session.first("PRAGMA user_version") { $0.integer() } ?? 0
    }

    private static let version1: [String] = runs + effects + money + people + audit

    /// What each step asked for, and which run a run was forked from.
    private static let requests: [String] = [
        "ALTER TABLE step ADD COLUMN request_bytes INTEGER CHECK (request_bytes >= 0)",
        "ALTER TABLE step ADD COLUMN request BLOB",
        "ALTER TABLE run ADD COLUMN forked_from BLOB CHECK (length(forked_from) = 16)",
        "ALTER TABLE run ADD COLUMN forked_step INTEGER CHECK ((forked_step IS NULL) = (forked_from IS NULL))",
    ]

    private static let plugins =
        [
            """
            CREATE TABLE plugin_install (
                install_no INTEGER PRIMARY KEY AUTOINCREMENT,
                at_ms INTEGER NOT NULL,
                action TEXT NOT NULL CHECK (action IN ('installed', 'upgraded', 'rolled_back', 'removed')),
                department TEXT NOT NULL, plugin TEXT NOT NULL, version TEXT NOT NULL,
                library BLOB NOT NULL CHECK (length(library) = 32),
                package BLOB NOT NULL CHECK (length(package) = 32),
                signer TEXT, decided_by TEXT NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE publisher (
                publisher_no INTEGER PRIMARY KEY AUTOINCREMENT,
                at_ms INTEGER NOT NULL, trusted INTEGER NOT NULL CHECK (trusted IN (0, 1)),
                key TEXT NOT NULL, plugin TEXT, decided_by TEXT NOT NULL
            ) STRICT
            """,
        ] + appendOnly("plugin_install") + appendOnly("publisher")

    private static let grants =
        [
            """
            CREATE TABLE department_grant (
                grant_no INTEGER PRIMARY KEY AUTOINCREMENT,
                at_ms INTEGER NOT NULL, revoked INTEGER NOT NULL CHECK (revoked IN (0, 1)),
                department TEXT NOT NULL, plugin TEXT NOT NULL,
                asked TEXT NOT NULL, granted TEXT NOT NULL, origin TEXT NOT NULL, decided_by TEXT NOT NULL
            ) STRICT
            """,
            "CREATE INDEX grant_department ON department_grant(department, grant_no)",
            """
            CREATE TABLE state_size (
                tenant TEXT NOT NULL, department TEXT NOT NULL, bytes INTEGER NOT NULL,
                PRIMARY KEY (tenant, department)
            ) STRICT, WITHOUT ROWID
            """,
            """
            INSERT INTO state_size
            SELECT tenant, department, sum(length(CAST(key AS BLOB)) + coalesce(length(value), 0))
            FROM state GROUP BY tenant, department
            """,
            """
            CREATE TRIGGER state_size_insert AFTER INSERT ON state BEGIN
                INSERT INTO state_size VALUES (
                    new.tenant, new.department, length(CAST(new.key AS BLOB)) + coalesce(length(new.value), 0))
                ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
            END
            """,
            """
            CREATE TRIGGER state_size_update AFTER UPDATE OF value ON state BEGIN
                UPDATE state_size SET bytes = bytes + coalesce(length(new.value), 0) - coalesce(length(old.value), 0)
                WHERE tenant = new.tenant AND department = new.department;
            END
            """,
        ] + appendOnly("department_grant")

    private static let runs = [
        """
        CREATE TABLE host (
            host_no INTEGER PRIMARY KEY AUTOINCREMENT,
            host_id TEXT NOT NULL,
            started_at_ms INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE run (
            run_no INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id BLOB NOT NULL UNIQUE CHECK (length(run_id) = 16),
            tenant TEXT NOT NULL, department TEXT NOT NULL, task TEXT NOT NULL, agent TEXT NOT NULL,
            state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 8),
            fence INTEGER NOT NULL DEFAULT 0,
            priority INTEGER NOT NULL,
            attempt INTEGER NOT NULL DEFAULT 0,
            crash_count INTEGER NOT NULL DEFAULT 0,
            owner INTEGER REFERENCES host(host_no),
            build BLOB CHECK (length(build) = 32),
            idempotency_key TEXT,
            root BLOB NOT NULL, parent BLOB, parent_seq INTEGER,
            budget INTEGER, cost INTEGER NOT NULL DEFAULT 0,
            cancel_requested INTEGER NOT NULL DEFAULT 0,
            wake_at_ms INTEGER, created_at_ms INTEGER NOT NULL, started_at_ms INTEGER, finished_at_ms INTEGER,
            failure_status INTEGER, failure_message TEXT,
            input BLOB NOT NULL, output BLOB,
            CHECK ((state >= 5) = (finished_at_ms IS NOT NULL)),
            CHECK ((state IN (2, 3)) = (owner IS NOT NULL))
        ) STRICT
        """,
        """
        CREATE UNIQUE INDEX run_idempotency ON run(tenant, department, task, idempotency_key)
            WHERE idempotency_key IS NOT NULL
        """,
        "CREATE INDEX run_ready ON run(department, priority DESC, run_no) WHERE state = 1",
        "CREATE INDEX run_due ON run(wake_at_ms) WHERE state = 0",
        "CREATE INDEX run_owned ON run(owner) WHERE owner IS NOT NULL",
        "CREATE INDEX run_parent ON run(parent) WHERE parent IS NOT NULL",
        "CREATE INDEX run_root ON run(root)",
        "CREATE INDEX run_state ON run(state, run_no)",
    ]

    private static let effects =
        [
            """
            CREATE TABLE step (
                run_no INTEGER NOT NULL REFERENCES run(run_no),
                seq INTEGER NOT NULL CHECK (seq >= 0),
                kind INTEGER NOT NULL, name TEXT NOT NULL, occurrence INTEGER NOT NULL,
                shape BLOB NOT NULL CHECK (length(shape) = 32),
                state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
                attempt INTEGER NOT NULL, fence INTEGER NOT NULL,
                reference TEXT, cost INTEGER NOT NULL,
                started_at_ms INTEGER NOT NULL, finished_at_ms INTEGER,
                failure_status INTEGER, failure_message TEXT,
                result_value INTEGER, result_text TEXT,
                usage_cost INTEGER, usage_input INTEGER, usage_cached_read INTEGER, usage_cache_write INTEGER,
                usage_cache_write_1h INTEGER, usage_output INTEGER, usage_reasoning INTEGER,
                result_data BLOB
            ) STRICT
            """,
            "CREATE UNIQUE INDEX step_key ON step(run_no, seq)",
            """
            CREATE TABLE event (
                pos INTEGER PRIMARY KEY AUTOINCREMENT,
                at_ms INTEGER NOT NULL, topic TEXT NOT NULL,
                run_id BLOB NOT NULL, root BLOB NOT NULL,
                body TEXT NOT NULL
            ) STRICT
            """,
            "CREATE INDEX event_root ON event(root, pos)",
            // A removed key keeps its row with a null value, so that a revision never comes back with other content.
            """
            CREATE TABLE state (
                tenant TEXT NOT NULL, department TEXT NOT NULL, agent TEXT NOT NULL, key TEXT NOT NULL,
                revision INTEGER NOT NULL CHECK (revision > 0),
                value BLOB,
                PRIMARY KEY (tenant, department, agent, key)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE content (
                digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
                bytes BLOB NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE artifact (
                artifact_no INTEGER PRIMARY KEY AUTOINCREMENT,
                run_no INTEGER NOT NULL REFERENCES run(run_no),
                name TEXT NOT NULL, media_type TEXT NOT NULL,
                digest BLOB NOT NULL REFERENCES content(digest),
                byte_count INTEGER NOT NULL, created_at_ms INTEGER NOT NULL,
                UNIQUE (run_no, name)
            ) STRICT
            """,
            "CREATE INDEX artifact_digest ON artifact(digest)",
        ] + appendOnly("event")

    private static let money =
        [
            """
            CREATE TABLE budget (
                node TEXT NOT NULL PRIMARY KEY,
                amount_limit INTEGER CHECK (amount_limit >= 0),
                held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
                spent INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE reservation (
                attempt TEXT NOT NULL PRIMARY KEY,
                run_id BLOB NOT NULL, path TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount >= 0),
                state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3)
            ) STRICT
            """,
            "CREATE INDEX reservation_open ON reservation(run_id) WHERE state = 0",
            """
            CREATE TABLE ledger (
                entry INTEGER PRIMARY KEY AUTOINCREMENT,
                at_ms INTEGER NOT NULL, attempt TEXT NOT NULL, run_id BLOB NOT NULL, node TEXT NOT NULL,
                kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 4),
                amount INTEGER NOT NULL CHECK (amount >= 0)
            ) STRICT
            """,
            "CREATE INDEX ledger_run ON ledger(run_id, entry)",
        ] + appendOnly("ledger")

    private static let people = [
        """
        CREATE TABLE approval (
            run_id BLOB NOT NULL, seq INTEGER NOT NULL,
            title TEXT NOT NULL, body TEXT NOT NULL, content BLOB NOT NULL, expires_ms INTEGER,
            state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
            opened_at_ms INTEGER NOT NULL, expires_at_ms INTEGER,
            decided_by TEXT, reason TEXT, replacement BLOB,
            PRIMARY KEY (run_id, seq)
        ) STRICT
        """,
        "CREATE INDEX approval_open ON approval(opened_at_ms) WHERE state = 0",
        """
        CREATE TABLE agent (
            department TEXT NOT NULL, name TEXT NOT NULL,
            configuration BLOB NOT NULL, created_at_ms INTEGER NOT NULL,
            PRIMARY KEY (department, name)
        ) STRICT
        """,
        """
        CREATE TABLE department (
            name TEXT NOT NULL PRIMARY KEY, enabled INTEGER NOT NULL, placement TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE message (
            message_no INTEGER PRIMARY KEY AUTOINCREMENT,
            at_ms INTEGER NOT NULL, tenant TEXT NOT NULL, department TEXT NOT NULL, type TEXT NOT NULL,
            key TEXT NOT NULL UNIQUE, payload BLOB NOT NULL
        ) STRICT
        """,
    ]

    /// A binding that was taken back keeps its row: the log's newest leaf about it must find one.
    private static let tools = [
        """
        CREATE TABLE tool_binding (
            name TEXT NOT NULL PRIMARY KEY,
            is_bound INTEGER NOT NULL CHECK (is_bound IN (0, 1)),
            path TEXT NOT NULL, digest BLOB NOT NULL CHECK (length(digest) = 32), signature TEXT NOT NULL,
            summary TEXT NOT NULL, side_effects INTEGER NOT NULL, follow_upgrades INTEGER NOT NULL,
            timeout_ms INTEGER NOT NULL CHECK (timeout_ms > 0), bound_at_ms INTEGER NOT NULL
        ) STRICT
        """
    ]

    private static let audit =
        [
            "CREATE TABLE audit_leaf (idx INTEGER PRIMARY KEY, hash BLOB NOT NULL, bytes BLOB NOT NULL) STRICT",
            """
            CREATE TABLE audit_checkpoint (
                size INTEGER PRIMARY KEY, root BLOB NOT NULL, at_ms INTEGER NOT NULL
            ) STRICT
            """,
            // The compact range over all leaves: opening need not read the log.
            "CREATE TABLE audit_frontier (id INTEGER PRIMARY KEY CHECK (id = 1), frontier BLOB NOT NULL) STRICT",
        ] + appendOnly("audit_leaf") + appendOnly("audit_checkpoint")

    static func appendOnly(_ table: String) -> [String] {
        ["UPDATE", "DELETE"].map { change in
            """
            CREATE TRIGGER \(table)_no_\(change.lowercased()) BEFORE \(change) ON \(table)
            BEGIN SELECT RAISE(ABORT, '\(table) is append-only'); END
            """
        }
    }
}
