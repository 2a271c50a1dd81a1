enum ScheduleSQL {
    static let columns = """
        name, tenant, department, task, agent, priority, user, input, expression, zone, gap, fold, misfire, overlap,
        tolerance_ms, start_deadline_ms, anchor_ms, high_water_ms, held_ms, paused, created_at_ms, revision
        """
    static let all = "SELECT \(columns) FROM schedule ORDER BY name"
    static let one = "SELECT \(columns) FROM schedule WHERE name = ?"
    static let count = "SELECT count(*) FROM schedule"
    static let set = """
        INSERT OR REPLACE INTO schedule (\(columns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    static let setState = "UPDATE schedule SET high_water_ms = ?, held_ms = ?, paused = ? WHERE name = ?"
    static let remove = "DELETE FROM schedule WHERE name = ?"

    static let fireColumns = "schedule, nominal_ms, run_id, cause, fired_at_ms"
    static let allFires = "SELECT \(fireColumns) FROM schedule_fire ORDER BY schedule, nominal_ms"
    static let fires = """
        SELECT \(fireColumns) FROM schedule_fire WHERE schedule = ? AND nominal_ms < ?
        ORDER BY nominal_ms DESC LIMIT ?
        """
    static let fire = "SELECT \(fireColumns) FROM schedule_fire WHERE schedule = ? AND nominal_ms = ?"
    static let firesIn = """
        SELECT \(fireColumns) FROM schedule_fire WHERE schedule = ? AND nominal_ms BETWEEN ? AND ?
        """
    static let insertFire = "INSERT INTO schedule_fire (\(fireColumns), is_open) VALUES (?, ?, ?, ?, ?, ?)"
    /// Those that the last look saw open and that still are.
    static let openRuns = """
        SELECT run.run_id FROM schedule_fire JOIN run ON run.run_id = schedule_fire.run_id
        WHERE schedule = ? AND is_open = 1 AND run.state < 5 ORDER BY nominal_ms
        """
    static let closeEnded = """
        UPDATE schedule_fire SET is_open = 0 WHERE schedule = ? AND is_open = 1 AND NOT EXISTS (
            SELECT 1 FROM run WHERE run.run_id = schedule_fire.run_id AND run.state < 5
        )
        """
}
