import GRDB
import GRDBSQLite

/// GRDB's database handle as an ``SQLConnection``. Lives only inside one access of its queue.
final class SQLiteConnection: SQLConnection {
    private let database: Database
    private(set) var changedRows = 0
    private(set) var writtenBytes = 0

    init(_ database: Database) { self.database = database }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws(SQLFailure) -> Int {
        let statement = try bound(sql, arguments)
        defer { Self.release(statement) }
        while try step(statement) {}
        guard sqlite3_stmt_readonly(statement) == 0 else { return 0 }
        return countChanges()
    }

    func query(_ sql: String, _ arguments: [SQLValue], _ body: (SQLRow) -> Bool) throws(SQLFailure) {
        let statement = try bound(sql, arguments)
        defer { Self.release(statement) }
        let isReadOnly = sqlite3_stmt_readonly(statement) != 0
        // A changing statement runs to its end even when nobody wants its rows any more.
        var wanted = true
        while wanted || !isReadOnly, try step(statement) {
            if wanted { wanted = body(SQLRow(Self.columns(statement))) }
        }
        if !isReadOnly { _ = countChanges() }
    }

    /// The prepared statement with its arguments, ready for its first step. GRDB prepares and keeps it; binding and
    /// stepping go straight to SQLite, since GRDB's own boxes every argument and column.
    private func bound(_ sql: String, _ arguments: [SQLValue]) throws(SQLFailure) -> OpaquePointer {
        let statement: OpaquePointer
        do {
            statement = try database.cachedStatement(sql: sql).sqliteStatement
        } catch {
            throw Self.failure(error)
        }
        guard sqlite3_bind_parameter_count(statement) == Int32(arguments.count) else {
            throw SQLFailure(kind: .other, description: "\(arguments.count) arguments do not fit: \(sql)")
        }
        for (index, argument) in arguments.enumerated() {
            let code = Self.bind(argument, to: statement, at: Int32(index + 1))
            guard code == SQLITE_OK else { throw failure(code, statement) }
            writtenBytes += argument.byteCount
        }
        return statement
    }

    /// Ready for the next use, without what this one bound: that may be large.
    private static func release(_ statement: OpaquePointer) {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }

    /// Has SQLite copy the bytes while it binds them.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private static func bind(_ argument: SQLValue, to statement: OpaquePointer, at index: Int32) -> Int32 {
        switch argument {
        case .null: return sqlite3_bind_null(statement, index)
        case .integer(let number): return sqlite3_bind_int64(statement, index, number)
        case .text(var text):
            return text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { characters in
                    guard let start = characters.baseAddress, !characters.isEmpty else {
                        return sqlite3_bind_text(statement, index, "", 0, copied)
                    }
                    return sqlite3_bind_text(statement, index, start, Int32(characters.count), copied)
                }
            }
        case .blob(let bytes):
            // An empty array may have no address, which would bind NULL.
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(statement, index, 0) }
            return bytes.withUnsafeBytes {
                sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), copied)
            }
        }
    }

    /// True when there is a row to read.
    private func step(_ statement: OpaquePointer) throws(SQLFailure) -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code, statement)
        }
    }

    private func countChanges() -> Int {
        let changed = database.changesCount
        changedRows += changed
        return changed
    }

    private static func columns(_ statement: OpaquePointer) -> [SQLValue] {
        let count = Int(sqlite3_column_count(statement))
        return [SQLValue](unsafeUninitializedCapacity: count) { values, initialized in
            for column in 0..<count {
                values.initializeElement(at: column, to: value(statement, Int32(column)))
            }
            initialized = count
        }
    }

    private static func value(_ statement: OpaquePointer, _ column: Int32) -> SQLValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_TEXT:
            let start = sqlite3_column_text(statement, column)
            let count = Int(sqlite3_column_bytes(statement, column))
            return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(statement, column)
            let count = Int(sqlite3_column_bytes(statement, column))
            return .blob([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
        // STRICT tables without a REAL column hold nothing else but NULL.
        default: return .null
        }
    }

    private func failure(_ code: Int32, _ statement: OpaquePointer) -> SQLFailure {
        let message = database.sqliteConnection.map { String(cString: sqlite3_errmsg($0)) }
        let sql = sqlite3_sql(statement).map { String(cString: $0) }
        return Self.failure(DatabaseError(resultCode: ResultCode(rawValue: code), message: message, sql: sql))
    }

    static func failure(_ error: any Error) -> SQLFailure {
        guard let error = error as? DatabaseError else { return SQLFailure(kind: .other, description: "\(error)") }
        let kind: SQLFailure.Kind =
            switch error.resultCode {
            case .SQLITE_FULL: .full
            // The file that readers share could not grow.
            case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE: .full
            case .SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CANTOPEN, .SQLITE_READONLY:
                .disk
            case .SQLITE_CONSTRAINT: .constraint
            default: .other
            }
        return SQLFailure(kind: kind, description: error.description)
    }
}
