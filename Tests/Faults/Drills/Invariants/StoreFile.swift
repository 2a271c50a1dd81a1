import CFaults
import Foundation

/// A store as SQLite alone sees it: the checks share no code with the journal that they check.
package final class StoreFile {
    package struct Problem: Error, CustomStringConvertible {
        package var description: String
    }

    package enum Cell: Hashable {
        case null
        case integer(Int64)
        case text(String)
        case blob([UInt8])
    }

    private let database: OpaquePointer

    /// - Parameter writes: for images of a power cut, whose log has to be recovered, and for planting faults.
    package init(_ path: String, writes: Bool = false) throws {
        var opened: OpaquePointer?
        let flags = writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY
        guard sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK, let opened else {
            defer { sqlite3_close(opened) }
            throw Problem(description: "\(path) cannot be opened: \(Self.message(opened))")
        }
        sqlite3_busy_timeout(opened, 5_000)
        database = opened
    }

    deinit { sqlite3_close(database) }

    private static func message(_ database: OpaquePointer?) -> String {
        sqlite3_errmsg(database).map { String(cString: $0) } ?? "no memory"
    }

    package func rows(_ sql: String) throws -> [[Cell]] {
        var prepared: OpaquePointer?
        guard sqlite3_prepare_v2(database, sql, -1, &prepared, nil) == SQLITE_OK, let prepared else {
            throw Problem(description: "\(Self.message(database)): \(sql)")
        }
        defer { sqlite3_finalize(prepared) }
        var rows: [[Cell]] = []
        while true {
            switch sqlite3_step(prepared) {
            case SQLITE_ROW:
                rows.append((0..<sqlite3_column_count(prepared)).map { Self.cell(prepared, $0) })
            case SQLITE_DONE: return rows
            default: throw Problem(description: "\(Self.message(database)): \(sql)")
            }
        }
    }

    package func execute(_ script: String) throws {
        guard sqlite3_exec(database, script, nil, nil, nil) == SQLITE_OK else {
            throw Problem(description: "\(Self.message(database)): \(script)")
        }
    }

    package func has(table: String) throws -> Bool {
        try !rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '\(table)'").isEmpty
    }

    private static func cell(_ statement: OpaquePointer, _ column: Int32) -> Cell {
        let count = Int(sqlite3_column_bytes(statement, column))
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_TEXT:
            let start = sqlite3_column_text(statement, column)
            return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(statement, column)
            return .blob([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
        default: return .null
        }
    }
}

extension StoreFile.Cell {
    /// 0 for what is no number: such a row fails its check anyway.
    package var number: Int64 { if case .integer(let number) = self { number } else { 0 } }
    package var text: String { if case .text(let text) = self { text } else { "" } }
    package var isNull: Bool { self == .null }

    /// A run's id as people and leaves spell it.
    package var run: String {
        guard case .blob(let bytes) = self, bytes.count == 16 else { return "?" }
        let digits = Array("0123456789abcdef")
        return bytes.enumerated().map { index, byte in
            ([4, 6, 8, 10].contains(index) ? "-" : "") + String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
        }.joined()
    }
}
