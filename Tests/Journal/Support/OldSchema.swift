/// Statements that take away again what later schemas added, newest first: what is left is a store of that schema.
enum OldSchema {
    /// The numbers of the schemas that gave budgets windows, made holds charges, let groups share events, gave runs
    /// their place in the order, started runs by the clock, gave agents a life,
    /// gave approvals rules, moved runs to an archive, gave data classes, sealed what is about somebody, and
    /// knew who there is.
    private static let withBudgets = 8, withCharges = 9, withStreams = 10, withScheduling = 11, withSchedules = 12
    private static let withAgents = 13, withApprovals = 14, withArchive = 15, withOversight = 16
    private static let withSubjects = 17, withIdentity = 18, withServer = 19, withFactors = 20

    /// Before second factors, identity providers and notifications.
    static let beforeFactors =
        [
            "factor", "factor_trial", "identity_provider", "federated_account", "notification_channel",
            "notification_attempt",
        ].map { "DROP TABLE \($0)" } + ["PRAGMA user_version = \(withFactors - 1)"]

    /// Before the server kept answers and counted its clients.
    static let beforeServer =
        beforeFactors + [
            "DROP TABLE kept_answer", "DROP TABLE api_usage", "ALTER TABLE run DROP COLUMN reviewed",
            "PRAGMA user_version = \(withServer - 1)",
        ]

    /// Before anybody was known.
    static let beforeIdentity =
        beforeServer
        + ["tenant", "team", "role", "account", "api_key", "session", "signing_key", "lockout"].map {
            "DROP TABLE \($0)"
        } + ["PRAGMA user_version = \(withIdentity - 1)"]

    /// Before data was about somebody.
    static let beforeSubjects =
        beforeIdentity + [
            "DROP TABLE subject_key", "DROP TABLE subject", "DROP INDEX run_subject",
            "ALTER TABLE run DROP COLUMN subject", "ALTER TABLE step DROP COLUMN sealed",
            "PRAGMA user_version = \(withSubjects - 1)",
        ]

    /// Before data had classes and holds.
    static let beforeOversight =
        beforeSubjects + [
            "DROP TABLE run_class", "DROP TABLE legal_hold", "DROP TABLE setting",
            "PRAGMA user_version = \(withOversight - 1)",
        ]

    /// Before the archive.
    static let beforeArchive =
        beforeOversight + [
            "DROP TRIGGER IF EXISTS run_key_archived", "DROP TRIGGER IF EXISTS approval_act_no_delete",
            "DROP TABLE archived_run", "DROP TABLE retention",
            "PRAGMA user_version = \(withArchive - 1)",
        ]

    /// Before approvals had rules.
    static let beforeApprovals =
        beforeArchive + [
            "DROP TABLE approval_act", "DROP TABLE approval_rule", "DROP INDEX approval_look",
            "ALTER TABLE approval DROP COLUMN next_look_ms", "ALTER TABLE approval DROP COLUMN decided_at_ms",
            "ALTER TABLE approval DROP COLUMN revision", "ALTER TABLE approval DROP COLUMN rules",
            "PRAGMA user_version = \(withApprovals - 1)",
        ]

    /// Before agents had a life.
    static let beforeAgents =
        beforeApprovals
        + [
            "message_open", "message_starts", "message_ended", "run_agent", "run_agent_open", "agent_of_pool",
            "agent_of_name",
        ].map { "DROP INDEX \($0)" }
        + ["agent_version", "agent_run", "agent_pool"].map { "DROP TABLE \($0)" }
        + ["state", "version", "profile", "pool"].map { "ALTER TABLE agent DROP COLUMN \($0)" }
        + [
            "receiver", "sender", "run_id", "chain", "state", "deliveries", "due_at_ms", "starts", "reason", "started",
            "ended_at_ms", "pos",
        ].map { "ALTER TABLE message DROP COLUMN \($0)" }
        + ["PRAGMA user_version = \(withAgents - 1)"]

    /// Before schedules.
    static let beforeSchedules =
        beforeAgents + [
            "DROP TABLE schedule", "DROP TABLE schedule_fire", "PRAGMA user_version = \(withSchedules - 1)",
        ]

    /// Before runs had queues, keys and deadlines.
    static let beforeScheduling =
        beforeSchedules
        + [
            "DROP TABLE claim_limit", "DROP TABLE claim_weight", "DROP TABLE maintenance", "DROP INDEX run_key",
            "DROP INDEX run_start_by", "DROP INDEX run_deadline", "DROP INDEX run_ready",
            "CREATE INDEX run_ready ON run(department, priority DESC, run_no) WHERE state = 1",
        ]
        + [
            "burst_at_ms", "turn", "retries", "retry", "ready_at_ms", "deadline_ms", "start_by_ms", "concurrency_key",
            "queue",
        ].map { "ALTER TABLE run DROP COLUMN \($0)" }
        + ["PRAGMA user_version = \(withScheduling - 1)"]

    /// Before groups of consumers.
    static let beforeStreams =
        beforeScheduling + [
            "DROP TABLE stream_pending", "DROP TABLE stream_group", "DROP TABLE dead_letter",
            "DROP TABLE trigger_rule", "DROP TABLE webhook", "DROP TABLE webhook_attempt",
            "ALTER TABLE run DROP COLUMN chain", "ALTER TABLE run DROP COLUMN cause",
            "ALTER TABLE run DROP COLUMN correlation", "PRAGMA user_version = \(withStreams - 1)",
        ]

    /// Before holds said what they were for.
    static let beforeCharges =
        beforeStreams + ["DROP INDEX reservation_charge"]
        + [
            "held_at_ms", "source", "provider", "model", "prices", "ended_at_ms", "cost", "service", "input_tokens",
            "cached_read", "cache_write", "cache_write_1h", "output_tokens", "reasoning_tokens", "web_searches",
            "fees",
        ].map { "ALTER TABLE reservation DROP COLUMN \($0)" }
        + ["PRAGMA user_version = \(withCharges - 1)"]

    /// Before budgets had windows.
    static let beforeBudgets =
        beforeCharges + [
            "DROP TABLE budget_limit", "DROP TABLE budget_window", "DROP TABLE budget_alert", "DROP TABLE run_cap",
            "DROP TABLE ledger_adjustment", "DROP INDEX reservation_tokens", "DROP INDEX budget_stopped",
            "ALTER TABLE reservation DROP COLUMN tokens", "ALTER TABLE reservation DROP COLUMN used_tokens",
            "ALTER TABLE run DROP COLUMN user", "ALTER TABLE run DROP COLUMN max_tokens",
            "ALTER TABLE run DROP COLUMN max_steps", "ALTER TABLE run DROP COLUMN max_seconds",
            "ALTER TABLE budget DROP COLUMN opening", "ALTER TABLE budget DROP COLUMN soft",
            "ALTER TABLE budget DROP COLUMN stopped", "ALTER TABLE budget DROP COLUMN stop_at_ms",
            "ALTER TABLE budget DROP COLUMN stop_by", "ALTER TABLE budget DROP COLUMN stop_reason",
            "ALTER TABLE ledger RENAME TO ledger_new",
            """
            CREATE TABLE ledger (
                entry INTEGER PRIMARY KEY AUTOINCREMENT,
                at_ms INTEGER NOT NULL, attempt TEXT NOT NULL, run_id BLOB NOT NULL, node TEXT NOT NULL,
                kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 4),
                amount INTEGER NOT NULL CHECK (amount >= 0)
            ) STRICT
            """,
            "INSERT INTO ledger SELECT entry, at_ms, attempt, run_id, node, kind, amount FROM ledger_new",
            "DROP TABLE ledger_new",
            "CREATE INDEX ledger_run ON ledger(run_id, entry)", "PRAGMA user_version = \(withBudgets - 1)",
        ]
}
