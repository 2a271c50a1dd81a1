extension SQLiteSchema {
    /// What each department's plugin died of, and which departments are stopped for it.
    static let crashes = [
        """
        CREATE TABLE crash (
            crash_no INTEGER PRIMARY KEY AUTOINCREMENT,
            department TEXT NOT NULL, at_ms INTEGER NOT NULL,
            plugin TEXT NOT NULL, version TEXT NOT NULL,
            build BLOB NOT NULL CHECK (length(build) = 32),
            generation INTEGER NOT NULL, reason TEXT NOT NULL,
            report TEXT, suspects TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX crash_department ON crash(department, crash_no)",
        """
        CREATE TABLE quarantine (
            department TEXT NOT NULL PRIMARY KEY,
            build BLOB NOT NULL CHECK (length(build) = 32),
            since_ms INTEGER NOT NULL, reason TEXT NOT NULL,
            lifted_at_ms INTEGER, lifted_by TEXT,
            CHECK ((lifted_at_ms IS NULL) = (lifted_by IS NULL))
        ) STRICT
        """,
    ]
}
