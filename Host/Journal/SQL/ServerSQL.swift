enum AnswerSQL {
    static let one = """
        SELECT digest, status, location, body FROM kept_answer WHERE tenant = ? AND caller = ? AND key = ?
        """
    static let reserve = """
        INSERT INTO kept_answer (tenant, caller, key, digest, at_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """
    static let keep = """
        UPDATE kept_answer SET status = ?, location = ?, body = ? WHERE tenant = ? AND caller = ? AND key = ?
        """
    static let forget = "DELETE FROM kept_answer WHERE tenant = ? AND caller = ? AND key = ?"
    static let forgetOld = "DELETE FROM kept_answer WHERE at_ms < ?"
}

enum UsageSQL {
    private static let key = "day, tenant, client, version, operation, status"
    static let add = """
        INSERT INTO api_usage (\(key), requests, milliseconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (\(key)) DO UPDATE SET requests = requests + excluded.requests,
            milliseconds = milliseconds + excluded.milliseconds
        """
    static let forgetOld = "DELETE FROM api_usage WHERE day < ?"
    static func rows(_ conditions: [String]) -> String {
        "SELECT \(key), requests, milliseconds FROM api_usage"
            + (conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")) + " ORDER BY \(key)"
    }
}
