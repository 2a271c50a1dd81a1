extension SQLiteSchema {
    /// How far the data of runs may go, what must be kept whatever else is said, and settings of the whole host.
    static let oversight = [
        // Runs of the usual class that were never of another have no row. `of_run` and not `run_id`: the columns of a
        // run look it up by that name.
        """
        CREATE TABLE run_class (
            of_run BLOB NOT NULL PRIMARY KEY CHECK (length(of_run) = 16),
            class TEXT NOT NULL CHECK (class IN ('public', 'internal', 'confidential', 'restricted')),
            before TEXT NOT NULL, reasons TEXT NOT NULL, decided_by TEXT, note TEXT, at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX run_class_restricted ON run_class(of_run) WHERE class = 'restricted'",
        // `root`: of the tree that a hold on a run keeps.
        """
        CREATE TABLE legal_hold (
            name TEXT NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('run', 'subject', 'tenant', 'department')),
            value TEXT NOT NULL, root BLOB CHECK ((root IS NULL) = (kind <> 'run')),
            reason TEXT NOT NULL, placed_by TEXT NOT NULL, at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE setting (
            name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
