extension SQLiteSchema {
    /// What starts runs by the clock, and each nominal time that has become a run.
    static let schedules = [
        """
        CREATE TABLE schedule (
            name TEXT NOT NULL PRIMARY KEY,
            tenant TEXT NOT NULL, department TEXT NOT NULL, task TEXT NOT NULL, agent TEXT NOT NULL,
            priority INTEGER NOT NULL, user TEXT, input TEXT NOT NULL,
            expression TEXT NOT NULL, zone TEXT NOT NULL,
            gap TEXT NOT NULL CHECK (gap IN ('skip', 'end', 'shift')),
            fold TEXT NOT NULL CHECK (fold IN ('first', 'second', 'both')),
            misfire TEXT NOT NULL, overlap TEXT NOT NULL,
            tolerance_ms INTEGER NOT NULL CHECK (tolerance_ms >= 0),
            start_deadline_ms INTEGER CHECK (start_deadline_ms >= 0),
            anchor_ms INTEGER NOT NULL, high_water_ms INTEGER NOT NULL, held_ms INTEGER,
            paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
            created_at_ms INTEGER NOT NULL, revision INTEGER NOT NULL CHECK (revision > 0)
        ) STRICT, WITHOUT ROWID
        """,
        // Outlives its schedule: one made again under the same name fires no time twice. `is_open` says that the
        // run was open at the last look, and counts for the overlap.
        """
        CREATE TABLE schedule_fire (
            schedule TEXT NOT NULL, nominal_ms INTEGER NOT NULL,
            run_id BLOB NOT NULL CHECK (length(run_id) = 16),
            cause TEXT NOT NULL CHECK (cause IN ('due', 'late', 'held', 'backfill')),
            fired_at_ms INTEGER NOT NULL, is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
            PRIMARY KEY (schedule, nominal_ms)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX schedule_fire_open ON schedule_fire(schedule) WHERE is_open = 1",
        """
        CREATE TRIGGER schedule_fire_no_delete BEFORE DELETE ON schedule_fire
        BEGIN SELECT RAISE(ABORT, 'schedule_fire is append-only'); END
        """,
        """
        CREATE TRIGGER schedule_fire_no_update
        BEFORE UPDATE OF schedule, nominal_ms, run_id, cause, fired_at_ms ON schedule_fire
        BEGIN SELECT RAISE(ABORT, 'schedule_fire is append-only'); END
        """,
    ]
}
