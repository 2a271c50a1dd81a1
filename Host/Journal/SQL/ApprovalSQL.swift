enum ApprovalSQL {
    static let columns = """
        run_id, seq, title, body, content, expires_ms, state, opened_at_ms, expires_at_ms, decided_by, reason,
        replacement, rules, revision, decided_at_ms
        """
    static let all = "SELECT \(columns) FROM approval ORDER BY opened_at_ms, run_id, seq"
    /// A run that has ended waits for nobody.
    private static let isOpen = """
        state = 0 AND NOT EXISTS (SELECT 1 FROM run WHERE run.run_id = approval.run_id AND run.state >= 5)
        """
    /// - Parameter conditions: on the run.
    static func list(open: Bool, _ conditions: [String]) -> String {
        let ofRuns = (["run.run_id = approval.run_id"] + conditions).joined(separator: " AND ")
        let all = (open ? [isOpen] : []) + (conditions.isEmpty ? [] : ["EXISTS (SELECT 1 FROM run WHERE \(ofRuns))"])
        let condition = all.isEmpty ? "" : "WHERE " + all.joined(separator: " AND ")
        return "SELECT \(columns) FROM approval \(condition) ORDER BY opened_at_ms, run_id, seq"
    }
    static let one = "SELECT \(columns) FROM approval WHERE run_id = ? AND seq = ?"
    static let ofRun = "SELECT \(columns) FROM approval WHERE run_id = ? ORDER BY seq"
    static let insert = """
        INSERT INTO approval (run_id, seq, title, body, content, expires_ms, state, opened_at_ms, expires_at_ms, rules,
            revision, next_look_ms)
        VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING RETURNING \(columns)
        """
    static let change = """
        UPDATE approval SET state = ?, decided_by = ?, reason = ?, replacement = ?, revision = ?, decided_at_ms = ?,
            next_look_ms = ?
        WHERE run_id = ? AND seq = ? AND state = 0 RETURNING \(columns)
        """
    static let due = """
        SELECT \(columns) FROM approval WHERE next_look_ms IS NOT NULL AND next_look_ms <= ?
        ORDER BY next_look_ms LIMIT ?
        """
    static let nextLook = "SELECT min(next_look_ms) FROM approval WHERE next_look_ms IS NOT NULL"

    static let actColumns = "run_id, seq, act, at_ms, kind, actor, revision, target, reason, content"
    static let acts = "SELECT \(actColumns) FROM approval_act WHERE run_id = ? AND seq = ? ORDER BY act"
    static let allActs = "SELECT \(actColumns) FROM approval_act ORDER BY run_id, seq, act"
    static let appendAct = "INSERT INTO approval_act (\(actColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

    static let ruleColumns = "department, task, rules, created_at_ms"
    static let rules = "SELECT \(ruleColumns) FROM approval_rule ORDER BY department, task"
    static let rule = """
        SELECT \(ruleColumns) FROM approval_rule WHERE department = ? AND task IN ('', ?) ORDER BY task DESC LIMIT 1
        """
    static let setRule = """
        INSERT INTO approval_rule (\(ruleColumns)) VALUES (?, ?, ?, ?)
        ON CONFLICT (department, task) DO UPDATE SET rules = excluded.rules
        """
    static let removeRule = "DELETE FROM approval_rule WHERE department = ? AND task = ?"
}
