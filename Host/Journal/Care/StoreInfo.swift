import Foundation

/// What a store holds and takes up.
package struct StoreInfo: Hashable, Sendable {
    package struct Table: Hashable, Sendable {
        package var name: String
        package var rows: Int64
        /// Of the table and its indices, in pages.
        package var bytes: Int64
    }

    package var schema: Int64
    package var newestSchema: Int64
    package var pageBytes: Int64
    package var pages: Int64
    /// Pages that were freed in the file: `bureau db vacuum` gives them back.
    package var freePages: Int64
    package var fileBytes: Int64
    /// Of the log of changes that is not folded into the file yet.
    package var walBytes: Int64
    package var auditLeaves: Int64
    /// The process that has the store open for writing, as it wrote itself.
    package var holder: String?
    /// Largest first.
    package var tables: [Table]
}

extension SQLiteJournal {
    /// Works beside a running host.
    package static func info(folder: String) async throws(JournalError) -> StoreInfo {
        let path = try existing(folder)
        let holder = StoreLock.holder(folder: folder)
        let answer = await onThread {
            Result { () throws(JournalError) in try StoreInfo(path: path, holder: holder) }
        }
        return try answer.get()
    }

    /// The path of the store's file. `.notFound` without one.
    static func existing(_ folder: String) throws(JournalError) -> String {
        let path = folder + "/" + fileName
        guard access(path, R_OK) == 0 else { throw JournalError(.notFound, "there is no journal in \(folder)") }
        return path
    }

    static func fileBytes(_ path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}

extension StoreInfo {
    init(path: String, holder: String?) throws(JournalError) {
        let read: Result<StoreInfo, JournalError>
        do {
            let snapshot = try SQLiteSnapshots(path: path)
            defer { snapshot.close() }
            read = try snapshot.read { connection in
                Result { () throws(JournalError) in
                    try StoreInfo(SQLSession(connection), path: path, holder: holder)
                }
            }
        } catch {
            throw JournalError(.storage, "the store cannot be read: \(error)")
        }
        self = try read.get()
    }

    private init(_ session: SQLSession, path: String, holder: String?) throws(JournalError) {
        func number(_ sql: String) throws(JournalError) -> Int64 { try session.first(sql) { $0.integer() } ?? 0 }
        let names = try session.rows(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ) { $0.text() }
        let sizes = try session.rows(
            """
            SELECT coalesce(schema.tbl_name, stat.name), sum(stat.pgsize) FROM dbstat AS stat
            LEFT JOIN sqlite_schema AS schema ON schema.name = stat.name
            WHERE stat.aggregate = TRUE GROUP BY 1
            """
        ) { row in
            let name = row.text()
            return (name, row.integer())
        }
        let bytes = Dictionary(sizes, uniquingKeysWith: +)
        var tables: [Table] = []
        for name in names {
            tables.append(
                Table(name: name, rows: try number("SELECT count(*) FROM \"\(name)\""), bytes: bytes[name] ?? 0))
        }
        self.init(
            schema: try SQLiteSchema.version(session), newestSchema: SQLiteSchema.newest,
            pageBytes: try number("PRAGMA page_size"), pages: try number("PRAGMA page_count"),
            freePages: try number("PRAGMA freelist_count"), fileBytes: SQLiteJournal.fileBytes(path),
            walBytes: SQLiteJournal.fileBytes(path + "-wal"),
            auditLeaves: names.contains("audit_leaf") ? try number(AuditSQL.size) : 0, holder: holder,
            tables: tables.sorted { ($1.bytes, $0.name) < ($0.bytes, $1.name) })
    }
}
