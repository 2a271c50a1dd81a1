enum AgentSQL {
    static let columns = "name, department, configuration, created_at_ms, state, version, profile, pool"
    static let all = "SELECT \(columns) FROM agent ORDER BY department, name"
    static let ofDepartment = "SELECT \(columns) FROM agent WHERE department = ? ORDER BY name"
    static let ofName = "SELECT \(columns) FROM agent WHERE name = ? ORDER BY department"
    static let ofPool = "SELECT \(columns) FROM agent WHERE department = ? AND pool = ? ORDER BY name"
    static let one = "SELECT \(columns) FROM agent WHERE department = ? AND name = ?"
    /// Members of pools, and all others, that wait for their end.
    static let insert = """
        INSERT INTO agent (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING \(columns)
        """
    static let configure = """
        UPDATE agent SET configuration = ?, profile = ?, version = ? WHERE department = ? AND name = ?
        RETURNING \(columns)
        """
    static let setState = "UPDATE agent SET state = ? WHERE department = ? AND name = ? RETURNING \(columns)"
    static let state = "SELECT state FROM agent WHERE department = ? AND name = ?"

    /// Those of which nothing begins: not started yet, or paused.
    static let held = "SELECT department, name FROM agent WHERE state IN (0, 2)"

    static let versionColumns = "department, name, version, configuration, profile, at_ms, changed_by, note"
    static let versions = """
        SELECT \(versionColumns) FROM agent_version WHERE department = ? AND name = ? ORDER BY version
        """
    static let allVersions = "SELECT \(versionColumns) FROM agent_version"
    static let insertVersion = "INSERT INTO agent_version (\(versionColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    /// The configuration that a run began with.
    static let versionOfRun = """
        SELECT \(prefixed(versionColumns, "v")) FROM agent_run JOIN run ON run.run_id = agent_run.run_id
        JOIN agent_version AS v
            ON v.department = run.department AND v.name = run.agent AND v.version = agent_run.version
        WHERE agent_run.run_id = ?
        """
    static let pin = """
        INSERT INTO agent_run (run_id, version) SELECT ?, version FROM agent WHERE department = ? AND name = ?
        ON CONFLICT DO NOTHING RETURNING run_id, version
        """
    static let pins = "SELECT run_id, version FROM agent_run"

    // The conditions of the partial indexes stand in each of these.
    private static let ofAgent = "department = ? AND agent = ? AND agent <> 'default'"
    private static let ofTenant = "(?3 IS NULL OR tenant = ?3)"
    static let runCounts = """
        SELECT state, count(*), sum(cost) FROM run
        WHERE department = ?1 AND agent = ?2 AND agent <> 'default' AND \(ofTenant) GROUP BY state
        """
    static let openRuns = "SELECT count(*) FROM run WHERE \(ofAgent) AND state < 5"
    static let durations = """
        SELECT finished_at_ms - started_at_ms FROM run
        WHERE department = ?1 AND agent = ?2 AND agent <> 'default' AND \(ofTenant) AND state = 5
            AND started_at_ms IS NOT NULL ORDER BY run_no DESC LIMIT ?4
        """
    /// Of its newest run: an older one may have ended later, which its own end says.
    static let lastActive = """
        SELECT max(max(created_at_ms, coalesce(started_at_ms, 0), coalesce(finished_at_ms, 0)))
        FROM (SELECT * FROM run WHERE department = ?1 AND agent = ?2 AND agent <> 'default' AND \(ofTenant)
            ORDER BY run_no DESC LIMIT 100)
        """

    private static func prefixed(_ columns: String, _ table: String) -> String {
        columns.split(separator: ",").map { "\(table).\($0.drop { $0 == " " })" }.joined(separator: ", ")
    }
}

enum PoolSQL {
    static let columns = "name, department, configuration, profile, policy, created_at_ms"
    static let all = "SELECT \(columns) FROM agent_pool ORDER BY department, name"
    static let one = "SELECT \(columns) FROM agent_pool WHERE department = ? AND name = ?"
    static let set = """
        INSERT INTO agent_pool (\(columns)) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (department, name) DO UPDATE SET configuration = excluded.configuration,
            profile = excluded.profile, policy = excluded.policy
        RETURNING \(columns)
        """
    static let remove = "DELETE FROM agent_pool WHERE department = ? AND name = ?"
    private static let ofAgent = """
        run.department = agent.department AND run.agent = agent.name AND run.agent <> 'default'
        """
    static let loads = """
        SELECT name, state, (SELECT count(*) FROM run WHERE \(ofAgent) AND state < 5),
            coalesce((SELECT max(run_no) FROM run WHERE \(ofAgent)), 0)
        FROM agent WHERE department = ? AND pool = ? AND state < 3
        """
    static let members = """
        SELECT name, state, (SELECT count(*) FROM run WHERE \(ofAgent) AND state < 5 AND state = 1),
            (SELECT count(*) FROM run WHERE \(ofAgent) AND state < 5),
            max(created_at_ms, coalesce((
                SELECT max(max(created_at_ms, coalesce(started_at_ms, 0), coalesce(finished_at_ms, 0)))
                FROM (SELECT * FROM run WHERE \(ofAgent) ORDER BY run_no DESC LIMIT 100)), 0))
        FROM agent WHERE department = ? AND pool = ? AND state < 4 ORDER BY name
        """
    /// Retired ones too: a name is never used again.
    static let countMembers = "SELECT count(*) FROM agent WHERE department = ? AND pool = ?"
    /// Of pools that are no more.
    static let orphans = """
        SELECT \(AgentSQL.columns) FROM agent WHERE pool IS NOT NULL AND state = 3
            AND NOT EXISTS (SELECT 1 FROM agent_pool
                WHERE agent_pool.department = agent.department AND agent_pool.name = agent.pool)
        """
}

enum MessageSQL {
    static let columns = """
        message_no, at_ms, tenant, department, receiver, sender, type, payload, key, run_id, chain, state, deliveries,
        due_at_ms, reason, started, ended_at_ms, pos
        """
    static let append = """
        INSERT INTO message (at_ms, tenant, department, receiver, sender, type, payload, key, run_id, chain, starts,
            due_at_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING \(columns)
        """
    static let all = "SELECT \(columns) FROM message"
    static let place = "UPDATE message SET pos = ? WHERE message_no = ? RETURNING \(columns)"
    static let byKey = "SELECT \(columns) FROM message WHERE key = ?"
    static let one = "SELECT \(columns) FROM message WHERE message_no = ?"
    private static let ofTenant = "(?3 IS NULL OR tenant = ?3)"
    static let open = """
        SELECT \(columns) FROM message
        WHERE department = ?1 AND receiver = ?2 AND state = 0 AND \(ofTenant) AND message_no > ?4
        ORDER BY message_no LIMIT ?5
        """
    static let ended = """
        SELECT \(columns) FROM message
        WHERE department = ?1 AND receiver = ?2 AND state <> 0 AND \(ofTenant) AND state = ?4 AND message_no > ?5
        ORDER BY message_no LIMIT ?6
        """
    static let countOpen = """
        SELECT count(*) FROM message WHERE department = ?1 AND receiver = ?2 AND state = 0 AND \(ofTenant)
        """
    static let hasOpenBeyond = """
        SELECT 1 FROM message WHERE department = ? AND receiver = ? AND state = 0 LIMIT 1 OFFSET ?
        """
    /// The first open one of its sender and receiver.
    private static let isHead = """
        NOT EXISTS (SELECT 1 FROM message AS earlier
            WHERE earlier.department = message.department AND earlier.receiver = message.receiver
                AND earlier.sender IS message.sender AND earlier.state = 0 AND earlier.message_no < message.message_no)
        """
    static let due = """
        SELECT message_no FROM message
        WHERE department = ?1 AND receiver = ?2 AND state = 0 AND \(ofTenant) AND due_at_ms <= ?4 AND \(isHead)
        ORDER BY message_no LIMIT ?5
        """
    /// Receivers that are paused or not started keep theirs.
    static let toStart = """
        SELECT \(columns) FROM message
        WHERE state = 0 AND starts = 1 AND due_at_ms <= ? AND \(isHead)
            AND EXISTS (SELECT 1 FROM agent WHERE agent.department = message.department
                AND agent.name = message.receiver AND agent.state IN (1, 3))
        ORDER BY due_at_ms, message_no LIMIT ?
        """
    static let nextDue = "SELECT min(due_at_ms) FROM message WHERE state = 0 AND starts = 1 AND due_at_ms > ?"
    static let give = """
        UPDATE message SET deliveries = deliveries + 1, due_at_ms = ? WHERE message_no = ? AND state = 0
        RETURNING \(columns)
        """
    static let postpone = """
        UPDATE message SET due_at_ms = ?, reason = ? WHERE message_no = ? AND state = 0 RETURNING \(columns)
        """
    static let end = """
        UPDATE message SET state = ?, started = ?, reason = ?, ended_at_ms = ? WHERE message_no = ? AND state = 0
        RETURNING \(columns)
        """
    static let requeue = """
        UPDATE message SET state = 0, deliveries = 0, due_at_ms = ?, reason = NULL, ended_at_ms = NULL, starts = ?
        WHERE message_no = ? AND state = 2 RETURNING \(columns)
        """
    static let route = """
        UPDATE message SET starts = ? WHERE department = ? AND receiver = ? AND state = 0 AND type = ?
        """
    static let unroute = "UPDATE message SET starts = 0 WHERE department = ? AND receiver = ? AND state = 0"
}
