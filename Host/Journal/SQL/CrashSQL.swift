enum CrashSQL {
    static let append = """
        INSERT INTO crash (department, at_ms, plugin, version, build, generation, reason, report, suspects)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    static let trim = """
        DELETE FROM crash WHERE department = ? AND crash_no NOT IN
            (SELECT crash_no FROM crash WHERE department = ? ORDER BY crash_no DESC LIMIT ?)
        """
    static let ofDepartment = """
        SELECT department, at_ms, plugin, version, build, generation, reason, report, suspects
        FROM crash WHERE department = ? ORDER BY crash_no DESC LIMIT ?
        """
}

enum QuarantineSQL {
    static let columns = "department, build, since_ms, reason, lifted_at_ms, lifted_by"
    static let all = "SELECT \(columns) FROM quarantine ORDER BY department"
    static let set = """
        INSERT INTO quarantine (\(columns)) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (department) DO UPDATE SET build = excluded.build, since_ms = excluded.since_ms,
            reason = excluded.reason, lifted_at_ms = excluded.lifted_at_ms, lifted_by = excluded.lifted_by
        RETURNING \(columns)
        """
    static let lift = """
        UPDATE quarantine SET lifted_at_ms = ?, lifted_by = ? WHERE department = ? AND lifted_at_ms IS NULL
        RETURNING \(columns)
        """
}
