enum ArchiveSQL {
    static let columns = """
        run_id, run_no, tenant, department, task, idempotency_key, steps, file, digest, archived_at_ms
        """
    static let one = "SELECT \(columns) FROM archived_run WHERE run_id = ?"
    static let byKey = """
        SELECT \(columns) FROM archived_run
        WHERE tenant = ? AND department = ? AND task = ? AND idempotency_key = ?
        """
    static let all = "SELECT \(columns) FROM archived_run"
    static let insert = "INSERT INTO archived_run (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

    /// Ended before a moment, as have all of its tree, and nothing is held for it or keeps it. Restricted runs do not
    /// move: they expire. What is about a person stays where it can be exported, until the person is erased; what is
    /// only sealed because of its class moves as it is, sealed.
    static let candidates = """
        SELECT run.run_id FROM run WHERE run.state >= 5 AND run.finished_at_ms < ?
            AND (run.subject IS NULL OR EXISTS (
                SELECT 1 FROM subject
                WHERE subject.subject = run.subject
                    AND (subject.erased_at_ms IS NOT NULL OR subject.created_by = '\(SubjectSQL.classification)')))
            AND NOT EXISTS (
                SELECT 1 FROM run AS other
                WHERE other.root = run.root AND (other.state < 5 OR other.finished_at_ms >= ?))
            AND NOT EXISTS (SELECT 1 FROM reservation WHERE reservation.run_id = run.run_id AND reservation.state = 0)
            AND NOT EXISTS (SELECT 1 FROM run_class WHERE of_run = run.run_id AND class = 'restricted')
            AND NOT \(HoldSQL.holdsRun)
        ORDER BY run.run_no LIMIT ?
        """

    /// The tables of a run's document, and how their rows are found by its number and its id.
    static let parts: [(name: String, table: String, condition: String, order: String)] = [
        ("run", "run", "run_id = ?", "run_no"),
        ("steps", "step", "run_no = (SELECT run_no FROM run WHERE run_id = ?)", "seq"),
        ("approvals", "approval", "run_id = ?", "seq"),
        ("acts", "approval_act", "run_id = ?", "seq, act"),
        ("agent_versions", "agent_run", "run_id = ?", "version"),
        ("classes", "run_class", "of_run = ?", "of_run"),
        ("artifacts", "artifact", "run_no = (SELECT run_no FROM run WHERE run_id = ?)", "artifact_no"),
    ]
    static let tableColumns = "SELECT name, type FROM pragma_table_info(?) ORDER BY cid"

    /// Each row as an object of its columns, bytes in hexadecimal.
    static func document(_ columns: [(name: String, type: String)], _ part: (String, String, String, String)) -> String
    {
        let members = columns.map { column in
            let value =
                column.type == "BLOB" ? "iif(\(column.name) IS NULL, NULL, lower(hex(\(column.name))))" : column.name
            return "'\(column.name)', \(value)"
        }
        return
            "SELECT json_object(\(members.joined(separator: ", "))) FROM \(part.1) WHERE \(part.2) ORDER BY \(part.3)"
    }

    static let contents = """
        SELECT DISTINCT content.digest, content.bytes FROM artifact JOIN content ON content.digest = artifact.digest
        WHERE artifact.run_no = (SELECT run_no FROM run WHERE run_id = ?)
        """
    static let artifactNames = """
        SELECT name, digest FROM artifact WHERE run_no = (SELECT run_no FROM run WHERE run_id = ?) ORDER BY artifact_no
        """
    static let approvalSteps = """
        SELECT seq, (SELECT count(*) FROM approval_act AS act WHERE act.run_id = approval.run_id
            AND act.seq = approval.seq)
        FROM approval WHERE run_id = ? ORDER BY seq
        """
    static let stepCount = "SELECT count(*) FROM step WHERE run_no = ?"

    static let removeArtifacts = "DELETE FROM artifact WHERE run_no = ?"
    static let removeContent = """
        DELETE FROM content WHERE digest = ?
            AND NOT EXISTS (SELECT 1 FROM artifact WHERE artifact.digest = content.digest)
        """
    static let removeApprovals = "DELETE FROM approval WHERE run_id = ?"
    static let removeActs = "DELETE FROM approval_act WHERE run_id = ?"
    static let removePin = "DELETE FROM agent_run WHERE run_id = ?"
    static let removeSteps = "DELETE FROM step WHERE run_no = ?"
    static let removeRun = "DELETE FROM run WHERE run_no = ?"
}

enum RetentionSQL {
    static let all = "SELECT class, days FROM retention ORDER BY class"
    static let set = """
        INSERT INTO retention (class, days) VALUES (?, ?) ON CONFLICT (class) DO UPDATE SET days = excluded.days
        """
    static let remove = "DELETE FROM retention WHERE class = ?"
    static let trimAttempts = """
        DELETE FROM webhook_attempt WHERE attempt_no IN (
            SELECT attempt_no FROM webhook_attempt WHERE at_ms < ? ORDER BY attempt_no LIMIT ?)
        """
    static let trimCrashes = """
        DELETE FROM crash WHERE crash_no IN (
            SELECT crash_no FROM crash WHERE at_ms < ? AND NOT EXISTS (
                SELECT 1 FROM legal_hold WHERE kind = 'department' AND value = crash.department)
            ORDER BY crash_no LIMIT ?)
        """
}
