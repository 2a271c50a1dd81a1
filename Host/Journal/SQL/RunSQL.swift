enum RunSQL {
    /// The columns that ``RunRow`` reads, in its order.
    static let columns = """
        run_no, run_id, tenant, department, task, agent, state, fence, priority, attempt, crash_count, owner, build,
        idempotency_key, root, parent, parent_seq, budget, cost, cancel_requested, wake_at_ms, created_at_ms,
        started_at_ms, finished_at_ms, failure_status, failure_message, input, forked_from, forked_step, user,
        max_tokens, max_steps, max_seconds, correlation, cause, chain, output, queue, concurrency_key, start_by_ms,
        deadline_ms, ready_at_ms, retry, retries, turn, burst_at_ms,
        (SELECT class FROM run_class WHERE of_run = run_id), subject, reviewed
        """

    static let byID = "SELECT \(columns) FROM run WHERE run_id = ?"
    static let byNumber = "SELECT \(columns) FROM run WHERE run_no = ?"
    static let all = "SELECT \(columns) FROM run ORDER BY run_no"
    static let byKey = """
        SELECT \(columns) FROM run WHERE tenant = ? AND department = ? AND task = ? AND idempotency_key = ?
        """
    static let counts = "SELECT state, count(*) FROM run GROUP BY state"
    static let children = "SELECT \(columns) FROM run WHERE parent = ? ORDER BY run_no"

    static let insert = """
        INSERT INTO run (run_id, tenant, department, task, agent, state, priority, idempotency_key, root, parent,
            parent_seq, budget, wake_at_ms, created_at_ms, input, forked_from, forked_step, user, max_tokens,
            max_steps, max_seconds, correlation, cause, chain, queue, concurrency_key, start_by_ms, deadline_ms,
            ready_at_ms, retry, turn, burst_at_ms, subject, reviewed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING RETURNING \(columns)
        """

    /// Without the content: a start reads as many as wait.
    static let ready = """
        SELECT run_no, tenant, department, agent, queue, concurrency_key, priority, ready_at_ms, created_at_ms,
            start_by_ms
        FROM run WHERE state = 1 AND run_no > ? ORDER BY run_no LIMIT ?
        """
    static let claim = """
        UPDATE run SET state = 2, owner = ?, fence = fence + 1, attempt = attempt + 1, wake_at_ms = NULL,
            started_at_ms = COALESCE(started_at_ms, ?)
        WHERE run_no = ? AND state = 1 RETURNING \(columns)
        """
    /// Those that wait for another run of their key as well go on waiting for that.
    static let releaseDue = """
        UPDATE run SET state = 1, wake_at_ms = NULL, ready_at_ms = ?1, turn = NULL, burst_at_ms = NULL
        WHERE state = 0 AND wake_at_ms <= ?1 AND (turn IS NULL OR NOT EXISTS (\(activeOfKey)))
        RETURNING \(columns)
        """
    /// Of the key of the row that is looked at.
    private static let activeOfKey = """
        SELECT 1 FROM run AS other WHERE other.tenant = run.tenant AND other.concurrency_key = run.concurrency_key
            AND other.turn IS NULL AND other.state < 5
        """
    /// The next of a key, once none is active.
    static let releaseTurn = """
        UPDATE run SET state = 1, wake_at_ms = NULL, ready_at_ms = ?1, turn = NULL, burst_at_ms = NULL
        WHERE run_no = (
            SELECT run_no FROM run WHERE tenant = ?2 AND concurrency_key = ?3 AND state = 0 AND turn IS NOT NULL
                AND COALESCE(wake_at_ms, 0) <= ?1 ORDER BY turn LIMIT 1)
            AND NOT EXISTS (\(activeOfKey))
        RETURNING \(columns)
        """
    /// Everything open of one key, those that wait for their turn last and in order.
    static let ofKey = """
        SELECT \(columns) FROM run WHERE tenant = ? AND concurrency_key = ? AND state < 5 ORDER BY turn, run_no
        """
    static let startTooLate = """
        SELECT run_no FROM run WHERE start_by_ms <= ? AND state < 2 AND attempt = 0 ORDER BY run_no LIMIT ?
        """
    static let openTooLong = """
        SELECT run_no FROM run WHERE deadline_ms <= ? AND state IN (0, 1, 4) ORDER BY run_no LIMIT ?
        """
    static let expire = """
        UPDATE run SET state = 6, fence = fence + 1, failure_status = ?, failure_message = ?, finished_at_ms = ?,
            wake_at_ms = NULL, turn = NULL, burst_at_ms = NULL
        WHERE run_no = ? AND state IN (0, 1, 4) RETURNING \(columns)
        """
    static let nextDue = """
        SELECT min(at) FROM (
            SELECT min(wake_at_ms) AS at FROM run WHERE state = 0 AND turn IS NULL
            UNION ALL SELECT min(wake_at_ms) FROM run
                WHERE state = 0 AND turn IS NOT NULL AND NOT EXISTS (\(activeOfKey))
            UNION ALL SELECT min(start_by_ms) FROM run
                WHERE start_by_ms IS NOT NULL AND state < 2 AND attempt = 0
            UNION ALL SELECT min(deadline_ms) FROM run WHERE deadline_ms IS NOT NULL AND state IN (0, 1, 4))
        """
    static let delay = """
        UPDATE run SET state = 0, fence = fence + 1, owner = NULL, wake_at_ms = ?, failure_status = ?,
            failure_message = ?, retries = ? \(fenced)
        """
    static let setBuild = "UPDATE run SET build = ? \(fenced)"
    static let setState = "UPDATE run SET state = ? \(fenced)"
    static let finish = """
        UPDATE run SET state = ?, output = ?, failure_status = ?, failure_message = ?, finished_at_ms = ?,
            owner = NULL, wake_at_ms = NULL \(fenced)
        """
    static let pause = """
        UPDATE run SET state = 4, failure_status = ?, failure_message = ?, owner = NULL \(fenced)
        """
    static let requeue = """
        UPDATE run SET state = 1, fence = fence + 1, crash_count = crash_count + ?, owner = NULL, ready_at_ms = ?
        \(fenced)
        """
    static let addCost = "UPDATE run SET cost = cost + ? \(fenced)"

    /// A bill may be corrected long after the run has ended.
    static let correctCost = "UPDATE run SET cost = cost + ? WHERE run_id = ? RETURNING \(columns)"
    /// Whose money a stopped node is; the conditions follow.
    static func open(_ conditions: [String]) -> String {
        "SELECT run_id FROM run WHERE state < 5" + conditions.map { " AND \($0) = ?" }.joined() + " ORDER BY run_no"
    }

    /// The check and the change are one statement.
    private static let fenced = "WHERE run_id = ? AND fence = ? AND state < 5 RETURNING \(columns)"

    /// The run and all below it that are open.
    static let openTree = """
        WITH RECURSIVE tree(run_id, run_no, state) AS (
            SELECT run_id, run_no, state FROM run WHERE run_id = ?
            UNION ALL
            SELECT run.run_id, run.run_no, run.state FROM run JOIN tree ON run.parent = tree.run_id
        )
        SELECT run_no FROM tree WHERE state < 5 ORDER BY run_no
        """
    static let markCancelled = """
        UPDATE run SET cancel_requested = 1 WHERE run_no = ? AND state IN (2, 3) AND cancel_requested = 0
        RETURNING \(columns)
        """
    /// On no lane of this host: what an earlier one had begun is on none either.
    static let cancelIdle = """
        UPDATE run SET state = 7, cancel_requested = 1, fence = fence + 1, failure_status = ?, failure_message = ?,
            finished_at_ms = ?, wake_at_ms = NULL, turn = NULL, burst_at_ms = NULL, owner = NULL
        WHERE run_no = ? AND (state IN (0, 1, 4) OR owner <> ?) RETURNING \(columns)
        """
    static let retry = """
        UPDATE run SET state = 1, fence = fence + 1, crash_count = 0, cancel_requested = 0, owner = NULL,
            output = NULL, finished_at_ms = NULL, ready_at_ms = ?, start_by_ms = NULL, deadline_ms = NULL,
            retries = NULL
        WHERE run_id = ? AND state IN (4, 6, 7, 8) RETURNING \(columns)
        """
    static let recover = """
        UPDATE run SET crash_count = crash_count + (state = 2), state = 1, fence = fence + 1, owner = NULL,
            ready_at_ms = ?
        WHERE run_no IN (SELECT run_no FROM run WHERE owner <> ? ORDER BY owner, run_no LIMIT ?) RETURNING \(columns)
        """
}
