import Glibc

/// Changes a store behind the host's back, as someone with access to the file would: through the SQLite library that
/// this process has loaded anyway, found by name so that no target needs to link it.
enum Tampering {
    struct Refused: Error, CustomStringConvertible { let description: String }

    private typealias Open = @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>) -> CInt
    private typealias Close = @convention(c) (OpaquePointer?) -> CInt
    private typealias Execute =
        @convention(c) (
            OpaquePointer?, UnsafePointer<CChar>, UnsafeRawPointer?, UnsafeRawPointer?,
            UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        ) -> CInt

    /// Runs the statements on `folder`'s journal after removing the triggers that keep tables append-only.
    ///
    /// - Parameter guarded: with the triggers in place.
    static func execute(_ sql: String, in folder: String, guarded: Bool = false) throws {
        let triggers = [
            "audit_leaf", "audit_checkpoint", "event", "ledger", "department_grant", "plugin_install", "publisher",
        ].flatMap { table in
            ["update", "delete"].map { "DROP TRIGGER IF EXISTS \(table)_no_\($0);" }
        }
        try execute((guarded ? "" : triggers.joined()) + sql, file: folder + "/journal.sqlite")
    }

    /// As it is, on any database.
    static func execute(_ sql: String, file: String) throws {
        let open = try function("sqlite3_open", as: Open.self)
        let close = try function("sqlite3_close", as: Close.self)
        let execute = try function("sqlite3_exec", as: Execute.self)
        var database: OpaquePointer?
        guard open(file, &database) == 0 else { throw Refused(description: "cannot open") }
        defer { _ = close(database) }
        var message: UnsafeMutablePointer<CChar>?
        guard execute(database, "PRAGMA foreign_keys=OFF;" + sql, nil, nil, &message) == 0 else {
            throw Refused(description: message.map { String(cString: $0) } ?? "refused")
        }
    }

    private static func function<Function>(_ name: String, as type: Function.Type) throws -> Function {
        guard let symbol = dlsym(nil, name) else { throw Refused(description: "\(name) is not loaded") }
        return unsafeBitCast(symbol, to: type)
    }
}
