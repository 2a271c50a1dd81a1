import Foundation
import GRDB
import Kernel

/// One month of the archive: a database of documents, which needs nothing of the store to be read.
final class ArchiveFile {
    private let queue: DatabaseQueue

    private init(_ queue: DatabaseQueue) { self.queue = queue }

    static func writing(_ path: String) throws(SQLFailure) -> ArchiveFile {
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.inDatabase { database in
                // Also the removal of the journal beside it is synced: that is the commit.
                try database.execute(sql: "PRAGMA synchronous = EXTRA")
            }
            try queue.write { database in
                try database.execute(
                    sql: """
                        CREATE TABLE IF NOT EXISTS archived_run (
                            run_id BLOB NOT NULL PRIMARY KEY, digest BLOB NOT NULL, document TEXT NOT NULL
                        ) STRICT, WITHOUT ROWID
                        """)
                try database.execute(
                    sql: """
                        CREATE TABLE IF NOT EXISTS archived_content (
                            digest BLOB NOT NULL PRIMARY KEY, bytes BLOB NOT NULL
                        ) STRICT
                        """)
            }
            return ArchiveFile(queue)
        } catch {
            throw SQLiteConnection.failure(error)
        }
    }

    static func reading(_ path: String) throws(SQLFailure) -> ArchiveFile {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            return ArchiveFile(try DatabaseQueue(path: path, configuration: configuration))
        } catch {
            throw SQLiteConnection.failure(error)
        }
    }

    func close() { try? queue.close() }

    /// All of them, synced. A run that an earlier try has left is written anew.
    func put(_ runs: [ArchivalRun]) throws(SQLFailure) {
        do {
            try queue.write { database in
                for run in runs {
                    try database.execute(
                        sql: "INSERT OR REPLACE INTO archived_run VALUES (?, ?, ?)",
                        arguments: [
                            Data(run.run.id.bytes), Data(run.digest.bytes),
                            String(decoding: run.document, as: UTF8.self),
                        ])
                    for content in run.contents {
                        try database.execute(
                            sql: "INSERT OR IGNORE INTO archived_content VALUES (?, ?)",
                            arguments: [Data(content.digest.bytes), Data(content.bytes)])
                    }
                }
            }
        } catch {
            throw SQLiteConnection.failure(error)
        }
    }

    func document(of run: RunID) throws(SQLFailure) -> [UInt8]? {
        do {
            return try queue.read { database in
                try String.fetchOne(
                    database, sql: "SELECT document FROM archived_run WHERE run_id = ?", arguments: [Data(run.bytes)])
            }.map { Array($0.utf8) }
        } catch {
            throw SQLiteConnection.failure(error)
        }
    }

    func content(_ digest: Digest) throws(SQLFailure) -> [UInt8]? {
        do {
            return try queue.read { database in
                try Data.fetchOne(
                    database, sql: "SELECT bytes FROM archived_content WHERE digest = ?",
                    arguments: [Data(digest.bytes)])
            }.map { Array($0) }
        } catch {
            throw SQLiteConnection.failure(error)
        }
    }
}
