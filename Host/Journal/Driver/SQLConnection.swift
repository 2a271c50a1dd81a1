/// What a column or an argument holds. Both databases have these four; money and times are integers.
enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    /// What the value adds to a group's size.
    var byteCount: Int {
        switch self {
        case .null: 1
        case .integer: 8
        case .text(let text): text.utf8.count
        case .blob(let bytes): bytes.count
        }
    }
}

/// A failure of the database itself, never a broken precondition: those are looked up before anything is written.
struct SQLFailure: Error, Hashable, Sendable, CustomStringConvertible {
    enum Kind: Hashable, Sendable {
        /// The medium refused: unreadable, corrupt, not writable. Nothing can be promised from here on.
        case disk
        /// The medium has no room: the transaction is undone, and a later one may succeed.
        case full
        /// A constraint or an append-only guard refused the statement.
        case constraint
        case other

        var isOfMedium: Bool { self == .disk || self == .full }
    }

    var kind: Kind
    var description: String
}

/// One connection, used by one thread at a time.
///
/// Statements are written with `?` placeholders in order; a driver for another dialect numbers them. Statements are
/// prepared once and kept.
protocol SQLConnection: AnyObject {
    /// Returns how many rows changed.
    func execute(_ sql: String, _ arguments: [SQLValue]) throws(SQLFailure) -> Int

    /// Calls `body` for each row, in order, until it returns false.
    func query(
        _ sql: String, _ arguments: [SQLValue], _ body: (SQLRow) -> Bool
    ) throws(SQLFailure)
}

/// A database: one writing connection and some reading ones. It owns no threads; ``WriteLoop`` and ``ReadPool``
/// bring theirs.
protocol SQLDriver: AnyObject, Sendable {
    /// How a writing transaction begins.
    var beginWrite: String { get }

    /// Lends the writing connection. Only the writer thread calls this.
    func withWriter<Value>(_ body: (any SQLConnection) -> Value) -> Value

    /// Opens a connection that sees one committed snapshot for the length of each ``SQLSnapshots/read(_:)``.
    func openSnapshots() throws(SQLFailure) -> any SQLSnapshots

    /// Housekeeping between groups, on the writer thread. `idle`: nothing is waiting.
    func maintain(idle: Bool) throws(SQLFailure)

    /// Folds the log of changes into the database and empties it, so that nothing older than now is left in it.
    ///
    /// - Returns: false while a reader or the archive still needs it.
    func foldLog() -> Bool

    /// Writes and syncs a transaction that changes nothing. Gives back what room the log of changes takes, first.
    func probe() throws(SQLFailure)

    /// Ends the writing connection. Only after the writer thread's last group.
    func close() throws(SQLFailure)
}

protocol SQLSnapshots: AnyObject, Sendable {
    func read<Value>(_ body: (any SQLConnection) -> Value) throws(SQLFailure) -> Value
    func close()
}
