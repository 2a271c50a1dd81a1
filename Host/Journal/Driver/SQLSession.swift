/// A connection as the operations see it: failures are the journal's, rows are checked, and the first failure
/// sticks, so that a closure which swallows one can still never commit half an operation.
final class SQLSession {
    private let connection: any SQLConnection
    private(set) var failure: SQLFailure?
    /// Bytes handed over as arguments: bounds a group.
    private(set) var writtenBytes = 0

    init(_ connection: any SQLConnection) { self.connection = connection }

    /// After a rollback.
    func forgetFailure() { failure = nil }

    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue] = []) throws(JournalError) -> Int {
        do throws(SQLFailure) {
            for argument in arguments { writtenBytes += argument.byteCount }
            return try connection.execute(sql, arguments)
        } catch {
            throw remember(error)
        }
    }

    /// All rows, each made a value.
    func rows<Value>(
        _ sql: String, _ arguments: [SQLValue] = [], _ make: (inout SQLRow) -> Value
    ) throws(JournalError) -> [Value] {
        try rows(sql, arguments, upTo: .max) { make(&$0) }
    }

    /// At most `limit` rows; stops at the first for which `make` gives nil.
    func rows<Value>(
        _ sql: String, _ arguments: [SQLValue], upTo limit: Int, _ make: (inout SQLRow) -> Value?
    ) throws(JournalError) -> [Value] {
        var values: [Value] = []
        guard limit > 0 else { return values }
        try forEach(sql, arguments) { row in
            guard let value = make(&row) else { return false }
            values.append(value)
            return values.count < limit
        }
        return values
    }

    func first<Value>(
        _ sql: String, _ arguments: [SQLValue] = [], _ make: (inout SQLRow) -> Value
    ) throws(JournalError) -> Value? {
        try rows(sql, arguments, make).first
    }

    /// Streams, until `body` returns false: memory stays bounded for tables of any size.
    func forEach(
        _ sql: String, _ arguments: [SQLValue] = [], _ body: (inout SQLRow) -> Bool
    ) throws(JournalError) {
        var broken: Int?
        do throws(SQLFailure) {
            try connection.query(sql, arguments) { stored in
                var row = stored
                let wanted = body(&row)
                broken = row.brokenColumn
                return wanted && broken == nil
            }
        } catch {
            throw remember(error)
        }
        if let broken {
            throw remember(SQLFailure(kind: .other, description: "column \(broken) of a row is unreadable: \(sql)"))
        }
    }

    private func remember(_ error: SQLFailure) -> JournalError {
        failure = failure ?? error
        return JournalError(.storage, "the journal's store failed: \(error)")
    }
}
