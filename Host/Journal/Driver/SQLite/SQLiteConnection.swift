import Foundation
import GRDB

/// GRDB's database handle as an ``SQLConnection``. Lives only inside one access of its queue.
final class SQLiteConnection: SQLConnection {
    private let database: Database
    private(set) var changedRows = 0
    private(set) var writtenBytes = 0

    init(_ database: Database) { self.database = database }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws(SQLFailure) -> Int {
        do {
            let statement = try database.cachedStatement(sql: sql)
            try statement.execute(arguments: Self.bindings(arguments))
            guard !statement.isReadonly else { return 0 }
            let changed = database.changesCount
            changedRows += changed
            for argument in arguments { writtenBytes += argument.byteCount }
            return changed
        } catch {
            throw Self.failure(error)
        }
    }

    func query(_ sql: String, _ arguments: [SQLValue], _ body: (SQLRow) -> Bool) throws(SQLFailure) {
        do {
            let statement = try database.cachedStatement(sql: sql)
            let cursor = try Row.fetchCursor(statement, arguments: Self.bindings(arguments))
            // A changing statement runs to its end even when nobody wants its rows any more.
            var wanted = true
            while wanted || !statement.isReadonly, let row = try cursor.next() {
                if wanted { wanted = body(SQLRow(row.databaseValues.map(Self.value))) }
            }
            if !statement.isReadonly { changedRows += database.changesCount }
        } catch {
            throw Self.failure(error)
        }
    }

    private static func bindings(_ arguments: [SQLValue]) -> StatementArguments {
        StatementArguments(
            arguments.map { argument -> DatabaseValue in
                switch argument {
                case .null: .null
                case .integer(let number): number.databaseValue
                case .text(let text): text.databaseValue
                case .blob(let bytes): Data(bytes).databaseValue
                }
            })
    }

    private static func value(_ stored: DatabaseValue) -> SQLValue {
        switch stored.storage {
        case .null: .null
        case .int64(let number): .integer(number)
        case .string(let text): .text(text)
        case .blob(let data): .blob([UInt8](data))
        // STRICT tables without a REAL column hold no such value.
        case .double: .null
        }
    }

    static func failure(_ error: any Error) -> SQLFailure {
        guard let error = error as? DatabaseError else { return SQLFailure(kind: .other, description: "\(error)") }
        let kind: SQLFailure.Kind =
            switch error.resultCode {
            case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CANTOPEN, .SQLITE_READONLY:
                .disk
            case .SQLITE_CONSTRAINT: .constraint
            default: .other
            }
        return SQLFailure(kind: kind, description: error.description)
    }
}
