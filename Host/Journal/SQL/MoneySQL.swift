enum BudgetSQL {
    static let columns = "node, amount_limit, held, spent"
    static let all = "SELECT \(columns) FROM budget ORDER BY node"
    static let one = "SELECT \(columns) FROM budget WHERE node = ?"
    static let setLimit = """
        INSERT INTO budget (node, amount_limit) VALUES (?, ?)
        ON CONFLICT (node) DO UPDATE SET amount_limit = excluded.amount_limit
        """
    static let move = """
        INSERT INTO budget (node, held, spent) VALUES (?, ?, ?)
        ON CONFLICT (node) DO UPDATE SET held = ?, spent = ?
        """
}

enum LedgerSQL {
    static let columns = "entry, at_ms, attempt, run_id, node, kind, amount"
    static let append = """
        INSERT INTO ledger (at_ms, attempt, run_id, node, kind, amount) VALUES (?, ?, ?, ?, ?, ?) RETURNING entry
        """
    static let after = "SELECT \(columns) FROM ledger WHERE entry > ? ORDER BY entry LIMIT ?"
    static let afterOfRun = "SELECT \(columns) FROM ledger WHERE run_id = ? AND entry > ? ORDER BY entry LIMIT ?"
    static let all = "SELECT \(columns) FROM ledger ORDER BY entry"

    static let reservationColumns = "attempt, run_id, path, amount, state"
    static let reserve = """
        INSERT INTO reservation (attempt, run_id, path, amount) VALUES (?, ?, ?, ?)
        """
    static let reservation = "SELECT \(reservationColumns) FROM reservation WHERE attempt = ?"
    static let endReservation = "UPDATE reservation SET state = ? WHERE attempt = ? AND state = 0"
    static let open = "SELECT \(reservationColumns) FROM reservation WHERE state = 0 ORDER BY attempt"
    static let openOfRun = """
        SELECT \(reservationColumns) FROM reservation WHERE run_id = ? AND state = 0 ORDER BY attempt
        """
    static let reservations = "SELECT \(reservationColumns) FROM reservation"
}

enum CostSQL {
    /// Steps are summed for each run first, so that a run counts once. What a fork took over counts where it was done.
    static func byTask(inTree: Bool) -> String {
        """
        SELECT department, task, count(*), sum(COALESCE(steps, 0)), sum(COALESCE(model_calls, 0)),
            sum(COALESCE(input_tokens, 0)), sum(COALESCE(output_tokens, 0)), sum(run.cost),
            sum(COALESCE(finished_at_ms - started_at_ms, 0))
        FROM run LEFT JOIN (
            SELECT run_no AS step_run, count(*) AS steps, sum(kind = 1) AS model_calls,
                sum(COALESCE(usage_input, 0) + COALESCE(usage_cached_read, 0) + COALESCE(usage_cache_write, 0)
                    + COALESCE(usage_cache_write_1h, 0)) AS input_tokens,
                sum(COALESCE(usage_output, 0)) AS output_tokens
            FROM step WHERE attempt > 0 \(inTree ? "AND run_no IN (SELECT run_no FROM run WHERE root = ?)" : "")
            GROUP BY run_no
        ) ON step_run = run.run_no
        \(inTree ? "WHERE root = ?" : "")
        GROUP BY department, task ORDER BY department, task
        """
    }
}
