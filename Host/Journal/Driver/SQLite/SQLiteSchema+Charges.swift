extension SQLiteSchema {
    /// A hold's row becomes the record of what was paid for: what the attempt was for is written with the hold, what
    /// it used and cost with its end. Whose it was stands in its path.
    ///
    /// Charges of before have times and costs from their entries; their model was not recorded.
    static let charges =
        [
            "held_at_ms INTEGER", "source INTEGER CHECK (source IN (0, 1))", "provider TEXT", "model TEXT",
            "prices TEXT", "ended_at_ms INTEGER", "cost INTEGER CHECK (cost >= 0)", "service TEXT",
            "input_tokens INTEGER", "cached_read INTEGER", "cache_write INTEGER", "cache_write_1h INTEGER",
            "output_tokens INTEGER", "reasoning_tokens INTEGER", "web_searches INTEGER", "fees INTEGER",
        ].map { "ALTER TABLE reservation ADD COLUMN \($0)" } + [
            """
            UPDATE reservation SET held_at_ms = (
                SELECT min(at_ms) FROM ledger
                WHERE ledger.run_id = reservation.run_id AND ledger.attempt = reservation.attempt AND kind = 0)
            """,
            """
            UPDATE reservation SET
                ended_at_ms = (
                    SELECT max(at_ms) FROM ledger
                    WHERE ledger.run_id = reservation.run_id AND ledger.attempt = reservation.attempt
                        AND kind IN (1, 2, 3, 4)),
                cost = (
                    SELECT coalesce(sum(ledger.amount), 0) FROM ledger
                    WHERE ledger.run_id = reservation.run_id AND ledger.attempt = reservation.attempt
                        AND kind IN (1, 3, 4) AND period = 'lifetime'
                        AND node = substr(path, 1, instr(path || ',', ',') - 1))
            WHERE state <> 0
            """,
            "CREATE INDEX reservation_charge ON reservation(held_at_ms) WHERE ended_at_ms IS NOT NULL",
        ]
}
