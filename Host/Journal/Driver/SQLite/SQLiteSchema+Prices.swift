extension SQLiteSchema {
    /// Prices that operators gave, all of them: what a run cost can be computed again.
    static let prices = [
        """
        CREATE TABLE price_book (
            book_no INTEGER PRIMARY KEY AUTOINCREMENT,
            at_ms INTEGER NOT NULL, imported_by TEXT NOT NULL,
            prices TEXT
        ) STRICT
        """
    ]
}
