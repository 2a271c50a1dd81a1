import GRDB
import Kernel

/// What only SQLite can do with a store as a whole. Each of these blocks.
enum SQLiteTools {
    /// What the migrations make, by name: tables, indices and the guards of append-only tables.
    static func expectedSchema() throws(SQLFailure) -> [String: String] {
        do {
            return try DatabaseQueue().inDatabase { database in
                let connection = SQLiteConnection(database)
                try SQLiteSchema.migrate(connection)
                return try schema(connection)
            }
        } catch let failure as JournalError {
            throw SQLFailure(kind: .other, description: failure.message)
        } catch let failure as SQLFailure {
            throw failure
        } catch {
            throw SQLiteConnection.failure(error)
        }
    }

    static func schema(_ connection: any SQLConnection) throws(SQLFailure) -> [String: String] {
        var found: [String: String] = [:]
        let sql = "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
        try connection.query(sql, []) { row in
            var row = row
            let name = row.text()
            found[name] = row.text()
            return true
        }
        return found
    }

    /// Copies a store, page by page as it is, from one snapshot: a host beside it goes on writing meanwhile.
    static func copy(from source: String, to target: String) throws(SQLFailure) {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let reader = try DatabaseQueue(path: source, configuration: configuration)
            defer { try? reader.close() }
            let writer = try DatabaseQueue(path: target)
            defer { try? writer.close() }
            try reader.backup(to: writer)
        } catch {
            throw SQLiteConnection.failure(error)
        }
    }

    /// Writes the whole store anew, without the room that was freed in it, as one transaction of SQLite's: whoever is
    /// killed in it leaves the old content. Other readers may have the store open, which a new file under its name
    /// would not allow: they share its `-wal` file by name.
    static func vacuum(_ path: String, temporaryFolder: String) throws(SQLFailure) {
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            try queue.inDatabase { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
                // The copy may be large: it belongs on the store's own medium, not in memory.
                try database.execute(sql: "PRAGMA temp_store = FILE")
                let quoted = temporaryFolder.split(separator: "'", omittingEmptySubsequences: false)
                    .joined(separator: "''")
                try database.execute(sql: "PRAGMA temp_store_directory = '\(quoted)'")
            }
            try queue.writeWithoutTransaction { database in
                _ = try Row.fetchAll(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                try database.execute(sql: "VACUUM")
                _ = try Row.fetchAll(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
        } catch {
            throw SQLiteConnection.failure(error)
        }
    }

    /// Runs `body` on a writing connection of a store that this process holds the lock of.
    static func writing<Value>(
        _ path: String, _ body: (any SQLConnection) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        do {
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.inDatabase { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                return try body(SQLiteConnection(database))
            }
        } catch let error as JournalError {
            throw error
        } catch {
            throw JournalError(.storage, "the store cannot be written: \(SQLiteConnection.failure(error))")
        }
    }
}
