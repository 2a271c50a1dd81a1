enum SubjectSQL {
    /// Who makes the subjects that stand for a class, and nobody else.
    static let classification = "classification"
    /// The columns that ``SubjectRow`` reads.
    static let columns = """
        subject.subject, subject.tenant, subject.created_at_ms, subject.created_by, subject.alias, subject.alias_tag,
        subject.erased_at_ms, subject.erased_by, subject.reason, subject.request,
        EXISTS (SELECT 1 FROM subject_key WHERE subject_key.subject = subject.subject)
        """
    static let all = "SELECT \(columns) FROM subject ORDER BY created_at_ms, subject"
    static let one = "SELECT \(columns) FROM subject WHERE subject = ?"
    static let byTag = "SELECT \(columns) FROM subject WHERE tenant = ? AND alias_tag = ?"
    static let any = "SELECT EXISTS (SELECT 1 FROM subject)"
    static let insert = """
        INSERT INTO subject (subject, tenant, created_at_ms, created_by, alias, alias_tag) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """
    static let setTag = "UPDATE subject SET alias_tag = ? WHERE subject = ?"
    /// In their place, byte for byte: what is left on the page is nothing.
    static let blankAlias = """
        UPDATE subject SET alias = zeroblob(length(alias)), alias_tag = randomblob(length(alias_tag))
        WHERE subject = ? AND alias IS NOT NULL
        """
    static let erase = """
        UPDATE subject SET alias = NULL, alias_tag = NULL, erased_at_ms = ?, erased_by = ?, reason = ?, request = ?
        WHERE subject = ?
        """

    static let insertKey = "INSERT INTO subject_key (subject, kek, wrapped) VALUES (?, ?, ?)"
    static let key = """
        SELECT subject.tenant, subject.erased_at_ms, subject_key.kek, subject_key.wrapped FROM subject
        LEFT JOIN subject_key ON subject_key.subject = subject.subject WHERE subject.subject = ?
        """
    static let keysOfOthers = "SELECT subject, kek, wrapped FROM subject_key WHERE kek <> ? ORDER BY subject"
    static let setKey = "UPDATE subject_key SET kek = ?, wrapped = ? WHERE subject = ?"
    static let blankKey = "UPDATE subject_key SET wrapped = zeroblob(length(wrapped)) WHERE subject = ?"
    static let removeKey = "DELETE FROM subject_key WHERE subject = ?"
    static let keyIDs = "SELECT DISTINCT kek FROM subject_key"

    static let ofRun = "SELECT subject FROM run WHERE run_id = ?"
    static let ofEvent = "SELECT run.subject FROM event JOIN run ON run.run_id = event.run_id WHERE event.pos = ?"
    static let runs = "SELECT \(RunSQL.columns) FROM run WHERE subject = ? AND run_no > ? ORDER BY run_no LIMIT ?"
    static let runCount = "SELECT count(*) FROM run WHERE subject = ?"
    static let stepCount = "SELECT count(*) FROM step JOIN run ON run.run_no = step.run_no WHERE run.subject = ?"
    static let eventCount = "SELECT count(*) FROM event JOIN run ON run.run_id = event.run_id WHERE run.subject = ?"
    static let artifactCount = """
        SELECT count(*) FROM artifact JOIN run ON run.run_no = artifact.run_no WHERE run.subject = ?
        """
    static let approvalCount = """
        SELECT count(*) FROM approval JOIN run ON run.run_id = approval.run_id WHERE run.subject = ?
        """
    static let messageCount = """
        SELECT count(*) FROM message JOIN run ON run.run_id = message.run_id WHERE run.subject = ?
        """
    static let letterCount = """
        SELECT count(*) FROM dead_letter JOIN event ON event.pos = dead_letter.pos
        JOIN run ON run.run_id = event.run_id WHERE run.subject = ?
        """
    static let stateCount = "SELECT count(*) FROM state WHERE agent LIKE ? AND value IS NOT NULL"
    static let stateOf = """
        SELECT tenant, department, agent, key, revision, value FROM state
        WHERE agent LIKE ? AND value IS NOT NULL ORDER BY tenant, department, agent, key
        """
    static let openAttempts = """
        SELECT reservation.attempt FROM reservation JOIN run ON run.run_id = reservation.run_id
        WHERE run.subject = ? AND reservation.state IN (0, 3) ORDER BY reservation.attempt
        """
    static let openRuns = "SELECT run_id FROM run WHERE subject = ? AND state < 5 ORDER BY run_no"
    static let openMessages = """
        SELECT message_no FROM message JOIN run ON run.run_id = message.run_id
        WHERE run.subject = ? AND message.state = 0 ORDER BY message_no
        """
    static let messagesOf = """
        SELECT \(MessageSQL.columns) FROM message
        WHERE run_id IN (SELECT run_id FROM run WHERE subject = ?) ORDER BY message_no
        """
    static let eventsOf = """
        SELECT \(EventSQL.columns) FROM event WHERE run_id = ? AND pos > ? ORDER BY pos LIMIT ?
        """
}
