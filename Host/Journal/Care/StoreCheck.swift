package import Kernel

/// One named check of a store, and what it found.
package struct StoreCheck: Hashable, Sendable {
    package enum Result: Hashable, Sendable {
        case sound
        /// What is wrong, in words; bounded.
        case unsound([String])
        /// Why it was not made.
        case skipped(String)
    }

    package var name: String
    package var result: Result

    package init(_ name: String, _ result: Result) {
        self.name = name
        self.result = result
    }

    /// A check that is wrong everywhere gives so many examples.
    package static let maximumFaults = 100

    package init(_ name: String, faults: [String]) {
        self.init(name, faults.isEmpty ? .sound : .unsound(Array(faults.prefix(Self.maximumFaults))))
    }
}

extension SQLiteJournal {
    /// Looks at the store itself: file, schema, journal, ledger. The audit log has its own verifier, in `Audit`.
    ///
    /// Works beside a running host, on one snapshot for each check.
    ///
    /// - Parameter isQuick: only what does not read every row.
    /// - Throws: `.notFound` without a store. What is wrong with it is in the checks.
    package static func check(
        folder: String, clock: @escaping @Sendable () -> Instant, isQuick: Bool
    ) async throws(JournalError) -> [StoreCheck] {
        let path = try existing(folder)
        return await onThread { StoreInspection(path: path, clock: clock, isQuick: isQuick).run() }
    }
}

/// All checks over one store, each by itself: a file that is damaged in one place is still looked at in the others.
struct StoreInspection {
    let path: String
    let clock: @Sendable () -> Instant
    let isQuick: Bool

    private typealias Question = (SQLSession) throws(JournalError) -> [String]

    func run() -> [StoreCheck] {
        let version = check("schema.version", Self.schemaVersion)
        var checks = [
            check("sqlite.integrity") { session throws(JournalError) in
                try session.rows(isQuick ? "PRAGMA quick_check" : "PRAGMA integrity_check") { $0.text() }
                    .filter { $0 != "ok" }
            },
            check("sqlite.foreign_keys", Self.foreignKeys), version,
        ]
        guard case .sound = version.result else {
            let names = ["schema.objects", "steps.contiguous", "steps.fences", "runs.states", "events.order", "ledger"]
            return checks + names.map { StoreCheck($0, .skipped("the schema is another")) }
        }
        checks.append(check("schema.objects", Self.schemaObjects))
        for (name, sql, text) in Self.rules { checks.append(rule(name, sql, text)) }
        checks.append(isQuick ? StoreCheck("ledger", .skipped("quick")) : ledger)
        return checks
    }

    /// Name, a query that gives a text for each row that is wrong, and what is wrong with it.
    private static let rules = [
        (
            "steps.contiguous",
            """
            SELECT lower(hex(run.run_id)) FROM step JOIN run ON run.run_no = step.run_no
            GROUP BY step.run_no HAVING min(seq) <> 0 OR max(seq) <> count(*) - 1
            """, "its steps are not numbered from 0 without a gap"
        ),
        (
            "steps.fences",
            """
            SELECT DISTINCT lower(hex(run.run_id)) FROM step JOIN run ON run.run_no = step.run_no
            WHERE step.fence > run.fence
            """, "a step carries a fence above its run's"
        ),
        (
            "runs.states",
            """
            SELECT lower(hex(run_id)) FROM run
            WHERE (state IN (2, 3)) <> (owner IS NOT NULL) OR (state >= 5) <> (finished_at_ms IS NOT NULL)
                OR owner > (SELECT max(host_no) FROM host)
            """, "its owner or its end does not fit its state"
        ),
        (
            "events.order",
            """
            SELECT 'event ' || last FROM (SELECT count(*) AS rows, min(pos) AS first, max(pos) AS last FROM event)
            WHERE rows > 0 AND last - first <> rows - 1
            """, "the positions before it have a gap"
        ),
    ]

    private func rule(_ name: String, _ sql: String, _ text: String) -> StoreCheck {
        check(name) { session throws(JournalError) in
            try session.rows(sql, [], upTo: StoreCheck.maximumFaults) { "\($0.text()): \(text)" }
        }
    }

    private func check(_ name: String, _ question: @escaping Question) -> StoreCheck {
        do {
            let snapshot = try SQLiteSnapshots(path: path)
            defer { snapshot.close() }
            let answer = try snapshot.read { connection in
                Result { () throws(JournalError) in try question(SQLSession(connection)) }
            }
            return StoreCheck(name, faults: try answer.get())
        } catch {
            return StoreCheck(name, faults: ["it cannot be read: \(error)"])
        }
    }

    private static func foreignKeys(_ session: SQLSession) throws(JournalError) -> [String] {
        try session.rows("PRAGMA foreign_key_check", [], upTo: StoreCheck.maximumFaults) { row in
            let table = row.text()
            return "a row of \(table) (\(row.optionalInteger() ?? 0)) refers to nothing"
        }
    }

    private static func schemaVersion(_ session: SQLSession) throws(JournalError) -> [String] {
        let found = try SQLiteSchema.version(session), newest = SQLiteSchema.newest
        if found == newest { return [] }
        return [
            found < newest
                ? "the store has schema \(found), this version reads \(newest): bureau db migrate"
                : "the store has schema \(found), newer than the \(newest) that this version knows"
        ]
    }

    /// Tables, indices and guards as the migrations make them: a guard that was dropped shows here.
    private static func schemaObjects(_ session: SQLSession) throws(JournalError) -> [String] {
        let expected: [String: String]
        do {
            expected = try SQLiteTools.expectedSchema()
        } catch {
            throw JournalError(.storage, "\(error)")
        }
        let sql = "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
        let pairs = try session.rows(sql) { row in
            let name = row.text()
            return (name, row.text())
        }
        let found = Dictionary(pairs, uniquingKeysWith: { $1 })
        let missing = expected.keys.filter { found[$0] == nil }.map { "\($0) is missing" }
        let strange = found.keys.filter { expected[$0] == nil }.map { "\($0) is not of this host" }
        let changed = found.filter { expected[$0.key] != nil && expected[$0.key] != $0.value }
            .map { "\($0.key) is not as this host makes it" }
        return (missing + strange + changed).sorted()
    }

    private var ledger: StoreCheck {
        check("ledger") { session throws(JournalError) in
            try SQLReading(session, now: clock(), zones: ZoneDirectory()).ledgerFaults().faults.map(\.description)
        }
    }
}
