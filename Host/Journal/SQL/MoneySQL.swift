enum BudgetSQL {
    static let columns = "node, amount_limit, soft, held, spent, stopped, stop_at_ms, stop_by, stop_reason"
    static let all = "SELECT \(columns) FROM budget ORDER BY node"
    static let openings = "SELECT node, opening FROM budget WHERE opening IS NOT NULL"
    private static let byNode = Placeholders("SELECT \(columns) FROM budget WHERE node IN (", "?", ")")
    static func some(_ count: Int) -> String { byNode[count] }
    static let setLimit = """
        INSERT INTO budget (node, amount_limit, soft) VALUES (?, ?, ?)
        ON CONFLICT (node) DO UPDATE SET amount_limit = excluded.amount_limit, soft = excluded.soft
        """
    private static let moves = Placeholders(
        "INSERT INTO budget (node, held, spent) VALUES ", "(?, ?, ?)",
        " ON CONFLICT (node) DO UPDATE SET held = excluded.held, spent = excluded.spent")
    static func move(_ count: Int) -> String { moves[count] }
    static let anyStop = "SELECT 1 FROM budget WHERE stopped = 1 LIMIT 1"
    static let ensure = "INSERT INTO budget (node) VALUES (?) ON CONFLICT DO NOTHING"
    static let setStop = """
        INSERT INTO budget (node, stopped, stop_at_ms, stop_by, stop_reason) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (node) DO UPDATE SET stopped = excluded.stopped, stop_at_ms = excluded.stop_at_ms,
            stop_by = excluded.stop_by, stop_reason = excluded.stop_reason
        """
}

enum BudgetLimitSQL {
    static let columns = "node, period, amount, soft, rollover"
    static let all = "SELECT \(columns) FROM budget_limit ORDER BY node, period"
    private static let byNode = Placeholders(
        "SELECT \(columns) FROM budget_limit WHERE amount IS NOT NULL AND node IN (", "?", ") ORDER BY node, period")
    static func some(_ count: Int) -> String { byNode[count] }
    /// A limit that was taken away keeps its row: the log's newest leaf about it must find one.
    static let set = """
        INSERT INTO budget_limit (node, period, amount, soft, rollover) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (node, period) DO UPDATE SET amount = excluded.amount, soft = excluded.soft,
            rollover = excluded.rollover
        """
}

enum BudgetWindowSQL {
    static let columns = "node, period, opens_ms, closes_ms, issued, held, spent"
    static let all = "SELECT \(columns) FROM budget_window ORDER BY node, period, opens_ms"
    static let newest = """
        SELECT \(columns) FROM budget_window WHERE node = ? AND period = ? ORDER BY opens_ms DESC LIMIT 1
        """
    static let one = "SELECT \(columns) FROM budget_window WHERE node = ? AND period = ? AND opens_ms = ?"
    static let open = "INSERT INTO budget_window (node, period, opens_ms, closes_ms) VALUES (?, ?, ?, ?)"
    static let move = """
        UPDATE budget_window SET issued = ?, held = ?, spent = ? WHERE node = ? AND period = ? AND opens_ms = ?
        """
}

enum BudgetAlertSQL {
    static let columns = "node, period, opens_ms, threshold, at_ms"
    static let all = "SELECT \(columns) FROM budget_alert ORDER BY at_ms, node, period, threshold"
    static let newest = "SELECT \(columns) FROM budget_alert ORDER BY at_ms DESC, node, period, threshold LIMIT ?"
    static let raise = "INSERT INTO budget_alert (\(columns)) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
}

enum RunCapSQL {
    static let columns = "node, max_cost, max_tokens, max_steps, max_seconds"
    static let all = "SELECT \(columns) FROM run_cap ORDER BY node"
    static let any = "SELECT 1 FROM run_cap LIMIT 1"
    static let one = "SELECT \(columns) FROM run_cap WHERE node = ?"
    static let set = """
        INSERT INTO run_cap (\(columns)) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (node) DO UPDATE SET max_cost = excluded.max_cost, max_tokens = excluded.max_tokens,
            max_steps = excluded.max_steps, max_seconds = excluded.max_seconds
        """
}

enum LedgerSQL {
    static let columns = "entry, at_ms, attempt, run_id, node, period, opens_ms, kind, amount"
    private static let appends = Placeholders(
        "INSERT INTO ledger (at_ms, attempt, run_id, node, period, opens_ms, kind, amount) VALUES ",
        "(?, ?, ?, ?, ?, ?, ?, ?)", " RETURNING entry")
    static func append(_ count: Int) -> String { appends[count] }
    static let after = "SELECT \(columns) FROM ledger WHERE entry > ? ORDER BY entry LIMIT ?"
    static let all = "SELECT \(columns) FROM ledger ORDER BY entry"

    static func filtered(_ conditions: [String]) -> String {
        let condition = (conditions + ["entry > ?"]).joined(separator: " AND ")
        return "SELECT \(columns) FROM ledger WHERE \(condition) ORDER BY entry LIMIT ?"
    }

    /// What was spent on a node in a span of time.
    static let spentSince = """
        SELECT at_ms, CASE kind WHEN 8 THEN -amount ELSE amount END FROM ledger
        WHERE node = ? AND period = 'lifetime' AND kind IN (1, 3, 4, 7, 8) AND at_ms >= ?
        """
    static let postedCost = """
        SELECT coalesce(sum(CASE kind WHEN 8 THEN -amount ELSE amount END), 0) FROM ledger
        WHERE run_id = ? AND attempt = ? AND node = ? AND period = 'lifetime' AND kind IN (1, 3, 4, 7, 8)
        """

    static let reservationColumns = "attempt, run_id, path, amount, state, tokens, used_tokens"
    /// The check and the hold are one statement: an execution may not have heard yet that its run is cancelled.
    static let reserve = """
        INSERT INTO reservation (attempt, run_id, path, amount, tokens, held_at_ms, source, provider, model, prices)
        SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
        WHERE NOT EXISTS (SELECT 1 FROM run WHERE run_id = ? AND cancel_requested = 1)
        """
    static let reservation = "SELECT \(reservationColumns) FROM reservation WHERE attempt = ?"
    static let endReservation = """
        UPDATE reservation SET state = ?, used_tokens = ?, ended_at_ms = ?, cost = ?, service = ?, input_tokens = ?,
            cached_read = ?, cache_write = ?, cache_write_1h = ?, output_tokens = ?, reasoning_tokens = ?,
            web_searches = ?, fees = ?
        WHERE attempt = ? AND state = 0
        """
    static let open = "SELECT \(reservationColumns) FROM reservation WHERE state = 0 ORDER BY attempt"
    static let openOfRun = """
        SELECT \(reservationColumns) FROM reservation WHERE run_id = ? AND state = 0 ORDER BY attempt
        """
    /// The reservation's own, and what makes it a charge.
    static let chargeColumns = """
        \(reservationColumns), held_at_ms, source, provider, model, prices, ended_at_ms, cost, service, input_tokens,
            cached_read, cache_write, cache_write_1h, output_tokens, reasoning_tokens, web_searches, fees
        """
    static let charge = "SELECT \(chargeColumns) FROM reservation WHERE attempt = ?"
    static let charges = "SELECT \(chargeColumns) FROM reservation"
    /// Of ended holds, with the task that made each.
    static let chargesHeld = """
        SELECT \(chargeColumns),
            (SELECT run.department || '/' || run.task FROM run WHERE run.run_id = reservation.run_id)
        FROM reservation
        WHERE ended_at_ms IS NOT NULL AND held_at_ms >= ? AND held_at_ms < ? ORDER BY held_at_ms, rowid
        """
    /// Of a run and all below it: used where an attempt has ended, held where it has not.
    static let tokensOfTree = """
        WITH RECURSIVE tree(run_id) AS (
            SELECT ? UNION ALL SELECT run.run_id FROM run JOIN tree ON run.parent = tree.run_id
        )
        SELECT coalesce(sum(coalesce(used_tokens, tokens)), 0),
            coalesce(sum(CASE WHEN used_tokens IS NULL THEN tokens ELSE 0 END), 0)
        FROM reservation JOIN tree ON tree.run_id = reservation.run_id WHERE tokens IS NOT NULL
        """
}

enum AdjustmentSQL {
    static let columns = "adjustment, at_ms, attempt, before, after, made_by, reason, evidence"
    static let all = "SELECT \(columns) FROM ledger_adjustment ORDER BY adjustment"
    static let append = """
        INSERT INTO ledger_adjustment (at_ms, attempt, before, after, made_by, reason, evidence)
        VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING adjustment
        """
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

/// One statement for each number of rows, written once: statements are kept prepared by their text.
struct Placeholders: Sendable {
    private static let kept = 32
    private let head: String
    private let one: String
    private let tail: String
    private let texts: [String]

    init(_ head: String, _ one: String, _ tail: String) {
        (self.head, self.one, self.tail) = (head, one, tail)
        texts = (1...Self.kept).map { Self.text(head, one, tail, $0) }
    }

    subscript(_ count: Int) -> String {
        texts.indices.contains(count - 1) ? texts[count - 1] : Self.text(head, one, tail, count)
    }

    private static func text(_ head: String, _ one: String, _ tail: String, _ count: Int) -> String {
        head + Array(repeating: one, count: count).joined(separator: ", ") + tail
    }
}
