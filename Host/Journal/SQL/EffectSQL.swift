enum StepSQL {
    /// The columns that ``StepRow`` reads, in its order.
    static let columns = """
        step.seq, step.kind, step.name, step.occurrence, step.shape, step.state, step.attempt, step.fence,
        step.reference, step.cost, step.started_at_ms, step.finished_at_ms, step.failure_status,
        step.failure_message, \(resultColumns), step.request_bytes, step.sealed
        """
    private static let resultColumns = """
        result_value, result_text, usage_cost, usage_input, usage_cached_read, usage_cache_write,
        usage_cache_write_1h, usage_output, usage_reasoning, result_data
        """

    static let ofRun = """
        SELECT \(columns) FROM step JOIN run ON run.run_no = step.run_no WHERE run.run_id = ? ORDER BY step.seq
        """
    /// With the requests, which most readers do not need.
    static let requestsOfRun = """
        SELECT step.seq, step.request FROM step JOIN run ON run.run_no = step.run_no
        WHERE run.run_id = ? AND step.request IS NOT NULL
        """
    static let all = """
        SELECT run.run_id, \(columns), step.request FROM step JOIN run ON run.run_no = step.run_no
        ORDER BY step.run_no, step.seq
        """

    /// The fence is checked by the statement that writes.
    static let insert = """
        INSERT INTO step (run_no, seq, kind, name, occurrence, shape, state, attempt, fence, reference, cost,
            started_at_ms, finished_at_ms, failure_status, failure_message, \(resultColumns),
            request_bytes, request, sealed)
        SELECT run_no, ?, ?, ?, ?, ?, ?, ?, fence, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
        FROM run WHERE run_id = ? AND fence = ? AND state < 5
        ON CONFLICT DO NOTHING
        """
    /// A done step is final.
    static let update = """
        UPDATE step SET state = ?, attempt = ?, fence = ?, reference = ?, cost = ?, finished_at_ms = ?,
            failure_status = ?, failure_message = ?, result_value = ?, result_text = ?, usage_cost = ?,
            usage_input = ?, usage_cached_read = ?, usage_cache_write = ?, usage_cache_write_1h = ?,
            usage_output = ?, usage_reasoning = ?, result_data = ?
        WHERE seq = ? AND state <> 1
            AND run_no = (SELECT run_no FROM run WHERE run_id = ? AND fence = ? AND state < 5)
        RETURNING \(columns)
        """
    static let state = """
        SELECT step.state FROM step JOIN run ON run.run_no = step.run_no WHERE run.run_id = ? AND step.seq = ?
        """
}

enum EventSQL {
    static let append = "INSERT INTO event (at_ms, topic, run_id, root, body) VALUES (?, ?, ?, ?, ?) RETURNING pos"
    static let columns = "pos, at_ms, topic, run_id, root, body"
    static let after = "SELECT \(columns) FROM event WHERE pos > ? ORDER BY pos LIMIT ?"
    static let afterInRoot = "SELECT \(columns) FROM event WHERE root = ? AND pos > ? ORDER BY pos LIMIT ?"
    static let all = "SELECT \(columns) FROM event ORDER BY pos"
}

enum StateSQL {
    private static let scope = "tenant = ? AND department = ? AND agent = ?"
    static let get = "SELECT revision, value FROM state WHERE \(scope) AND key = ?"
    /// Keys are compared by their bytes, so a prefix is the range from itself to its successor.
    static let keys = """
        SELECT key FROM state WHERE \(scope) AND key >= ? AND value IS NOT NULL ORDER BY key
        """
    static let put = """
        INSERT INTO state (tenant, department, agent, key, revision, value) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (tenant, department, agent, key) DO UPDATE SET revision = excluded.revision, value = excluded.value
        """
    static let all = "SELECT tenant, department, agent, key, revision, value FROM state"
    /// Kept by triggers, so that a put need not add up the others.
    static let size = "SELECT bytes FROM state_size WHERE tenant = ? AND department = ?"
    static let wrongSizes = """
        SELECT tenant, department FROM (
            SELECT tenant, department, sum(length(CAST(key AS BLOB)) + coalesce(length(value), 0)) AS bytes
            FROM state GROUP BY tenant, department
            UNION ALL
            SELECT tenant, department, -bytes FROM state_size
        ) GROUP BY tenant, department HAVING sum(bytes) <> 0
        """
}

enum ArtifactSQL {
    static let insertContent = "INSERT INTO content (digest, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING"
    static let content = """
        SELECT content.bytes, artifact.media_type, run.run_id, run.subject FROM artifact
        JOIN content ON content.digest = artifact.digest JOIN run ON run.run_no = artifact.run_no
        WHERE artifact.digest = ? ORDER BY artifact.artifact_no DESC LIMIT 1
        """
    static let remove = "DELETE FROM artifact WHERE run_no = ? AND name = ?"
    static let insert = """
        INSERT INTO artifact (run_no, name, media_type, digest, byte_count, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)
        RETURNING artifact_no
        """
    static let columns = """
        artifact.artifact_no, run.run_id, artifact.name, artifact.media_type, artifact.digest, artifact.byte_count,
        artifact.created_at_ms, run.subject
        """
    static let ofTree = """
        WITH RECURSIVE tree(run_id, run_no) AS (
            SELECT run_id, run_no FROM run WHERE run_id = ?
            UNION ALL
            SELECT run.run_id, run.run_no FROM run JOIN tree ON run.parent = tree.run_id
        )
        SELECT \(columns) FROM tree JOIN artifact ON artifact.run_no = tree.run_no
        JOIN run ON run.run_no = tree.run_no ORDER BY artifact.artifact_no DESC
        """
    static let all = "SELECT \(columns) FROM artifact JOIN run ON run.run_no = artifact.run_no"
    static let contents = "SELECT digest, bytes FROM content"
}
