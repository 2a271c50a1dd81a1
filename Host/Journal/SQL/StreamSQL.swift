enum StreamSQL {
    static let columns = "name, filter, cursor, maximum_deliveries, created_at_ms"
    static let all = "SELECT \(columns) FROM stream_group ORDER BY name"
    static let one = "SELECT \(columns) FROM stream_group WHERE name = ?"
    static let create = "INSERT INTO stream_group (\(columns)) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
    static let change = "UPDATE stream_group SET filter = ?, maximum_deliveries = ? WHERE name = ?"
    static let remove = "DELETE FROM stream_group WHERE name = ?"
    static let advance = "UPDATE stream_group SET cursor = ? WHERE name = ?"
    static let lastPosition = "SELECT coalesce(max(pos), 0) FROM event"

    /// The columns that ``DeliveryRow`` reads, over event `event` of run `run` in the tree of run `root`.
    private static let eventColumns = """
        event.pos, event.at_ms, event.topic, event.run_id, event.root, event.body, run.tenant, run.department,
        root.correlation, run.cause
        """
    private static let origin = """
        LEFT JOIN run ON run.run_id = event.run_id LEFT JOIN run AS root ON root.run_id = event.root
        """
    static func events(_ conditions: [String]) -> String {
        let further = conditions.map { " AND \($0)" }.joined()
        return "SELECT \(eventColumns), 1 FROM event \(origin) WHERE event.pos > ?\(further) ORDER BY event.pos LIMIT ?"
    }

    static let pendingColumns = "pos, consumer, deliveries, delivered_at_ms, due_at_ms"
    static let pending = """
        SELECT \(pendingColumns) FROM stream_pending WHERE group_name = ? AND pos > ? ORDER BY pos LIMIT ?
        """
    static let onePending = "SELECT \(pendingColumns) FROM stream_pending WHERE group_name = ? AND pos = ?"
    static let due = """
        SELECT \(eventColumns), pending.deliveries + 1 FROM stream_pending AS pending
        JOIN event ON event.pos = pending.pos \(origin)
        WHERE pending.group_name = ? AND pending.due_at_ms <= ? ORDER BY pending.due_at_ms, pending.pos LIMIT ?
        """
    static let idle = """
        SELECT \(eventColumns), pending.deliveries + 1 FROM stream_pending AS pending
        JOIN event ON event.pos = pending.pos \(origin)
        WHERE pending.group_name = ? AND pending.consumer IS NOT NULL AND pending.delivered_at_ms <= ?
        ORDER BY pending.pos LIMIT ?
        """
    static let deliver = """
        INSERT INTO stream_pending (group_name, pos, consumer, deliveries, delivered_at_ms) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (group_name, pos) DO UPDATE SET consumer = excluded.consumer, deliveries = excluded.deliveries,
            delivered_at_ms = excluded.delivered_at_ms, due_at_ms = NULL
        """
    static let postpone = """
        UPDATE stream_pending SET consumer = NULL, due_at_ms = ? WHERE group_name = ? AND pos = ?
        """
    static let acknowledge = "DELETE FROM stream_pending WHERE group_name = ? AND pos = ?"
    static let removePending = "DELETE FROM stream_pending WHERE group_name = ?"
    static let nextDue = "SELECT min(due_at_ms) FROM stream_pending WHERE due_at_ms IS NOT NULL"
    static let countPending = "SELECT count(*) FROM stream_pending WHERE group_name = ?"
    static let consumers = """
        SELECT consumer, count(*), max(delivered_at_ms) FROM stream_pending
        WHERE group_name = ? AND consumer IS NOT NULL GROUP BY consumer ORDER BY consumer
        """

    private static let letterColumns = """
        letter.letter, letter.group_name, letter.at_ms, letter.reason, letter.state, \(eventColumns),
        letter.deliveries
        """
    private static let letters = """
        SELECT \(letterColumns) FROM dead_letter AS letter JOIN event ON event.pos = letter.pos \(origin)
        """
    static let letter = "\(letters) WHERE letter.letter = ?"
    static let everyLetter = "\(letters) ORDER BY letter.letter"
    /// - Parameter groups: how many; nil: all there are.
    static func openLetters(groups: Int?) -> String {
        let ofGroups = groups.map {
            "AND letter.group_name IN (\(Array(repeating: "?", count: $0).joined(separator: ", ")))"
        }
        return
            "\(letters) WHERE letter.state = 0 \(ofGroups ?? "") AND letter.letter > ? ORDER BY letter.letter LIMIT ?"
    }
    static let countLetters = "SELECT count(*) FROM dead_letter WHERE group_name = ? AND state = 0"
    static let appendLetter = """
        INSERT INTO dead_letter (group_name, pos, at_ms, deliveries, reason) VALUES (?, ?, ?, ?, ?) RETURNING letter
        """
    static let closeLetter = "UPDATE dead_letter SET state = ? WHERE letter = ? AND state = 0"
    static let again = """
        INSERT INTO stream_pending (group_name, pos, consumer, deliveries, delivered_at_ms, due_at_ms)
        VALUES (?, ?, NULL, 1, ?, ?) ON CONFLICT DO NOTHING
        """
}
