extension SQLiteSchema {
    /// Whom data is about, the wrapped key of each, and what names them.
    static let subjects = [
        // The alias is sealed under the subject's own key; the tag finds it and goes with it.
        """
        CREATE TABLE subject (
            subject BLOB NOT NULL PRIMARY KEY CHECK (length(subject) = 16),
            tenant TEXT NOT NULL, created_at_ms INTEGER NOT NULL, created_by TEXT NOT NULL,
            alias BLOB, alias_tag BLOB CHECK ((alias_tag IS NULL) = (alias IS NULL)),
            erased_at_ms INTEGER, erased_by TEXT, reason TEXT, request TEXT,
            CHECK (erased_at_ms IS NULL OR alias IS NULL)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE UNIQUE INDEX subject_alias ON subject(tenant, alias_tag) WHERE alias_tag IS NOT NULL",
        // Its only copy in the store: where it is gone, so is all that was sealed under it.
        """
        CREATE TABLE subject_key (
            subject BLOB NOT NULL PRIMARY KEY REFERENCES subject(subject),
            kek TEXT NOT NULL, wrapped BLOB NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "ALTER TABLE run ADD COLUMN subject BLOB CHECK (length(subject) = 16)",
        "CREATE INDEX run_subject ON run(subject, run_no) WHERE subject IS NOT NULL",
        // Of a step of such a run: its name and the digest of its plain request.
        "ALTER TABLE step ADD COLUMN sealed BLOB",
    ]
}
