enum ClassSQL {
    static let columns = "of_run, class, before, reasons, decided_by, note, at_ms"
    static let all = "SELECT \(columns) FROM run_class"
    static let one = "SELECT \(columns) FROM run_class WHERE of_run = ?"
    static let set = "INSERT OR REPLACE INTO run_class (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?)"
    static let remove = "DELETE FROM run_class WHERE of_run = ?"

    /// Restricted, begun before a moment, ended with all of their tree, not held, and no money held for them.
    static let expired = """
        SELECT run.run_id FROM run_class JOIN run ON run.run_id = run_class.of_run
        WHERE run_class.class = 'restricted' AND run.state >= 5 AND run.created_at_ms < ?
            AND NOT EXISTS (SELECT 1 FROM run AS other WHERE other.root = run.root AND other.state < 5)
            AND NOT EXISTS (SELECT 1 FROM reservation WHERE reservation.run_id = run.run_id AND reservation.state = 0)
            AND NOT \(HoldSQL.holdsRun)
        ORDER BY run.run_no LIMIT ?
        """
}

enum HoldSQL {
    static let columns = "name, kind, value, root, reason, placed_by, at_ms"
    static let all = "SELECT \(columns) FROM legal_hold ORDER BY name"
    static let one = "SELECT \(columns) FROM legal_hold WHERE name = ?"
    static let count = "SELECT count(*) FROM legal_hold"
    static let set = "INSERT INTO legal_hold (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?)"
    static let remove = "DELETE FROM legal_hold WHERE name = ?"
    /// On the subject, its tenant, or anything that a run about it falls under.
    static let overSubject = """
        SELECT \(columns) FROM legal_hold
        WHERE (kind = 'tenant' AND value = (SELECT tenant FROM subject WHERE subject = ?1))
            OR (kind = 'subject' AND value = ?2)
            OR EXISTS (SELECT 1 FROM run WHERE run.subject = ?1 AND (\(covers)))
        ORDER BY name
        """

    /// Which holds keep the run of the row that is looked at.
    private static let covers = """
        (kind = 'run' AND legal_hold.root = run.root) OR (kind = 'tenant' AND value = run.tenant)
            OR (kind = 'department' AND value = run.department) OR (kind = 'subject' AND run.subject IS NOT NULL
            AND replace(substr(value, 6), '-', '') = lower(hex(run.subject)))
        """
    static let holdsRun = "EXISTS (SELECT 1 FROM legal_hold WHERE \(covers))"
    static let overRun = """
        SELECT \(columns.split(separator: ", ").map { "legal_hold.\($0)" }.joined(separator: ", "))
        FROM run JOIN legal_hold ON \(covers) WHERE run.run_id = ? ORDER BY legal_hold.name
        """
    /// Of what is in the archive only the run itself is known, not its tree.
    static let heldFiles = """
        SELECT DISTINCT file FROM archived_run WHERE EXISTS (
            SELECT 1 FROM legal_hold WHERE (kind = 'run' AND root = archived_run.run_id)
                OR (kind = 'tenant' AND value = archived_run.tenant)
                OR (kind = 'department' AND value = archived_run.department))
        """
}

enum SettingSQL {
    static let all = "SELECT name, value FROM setting ORDER BY name"
    static let one = "SELECT value FROM setting WHERE name = ?"
    static let set = """
        INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """
    static let remove = "DELETE FROM setting WHERE name = ?"
}
