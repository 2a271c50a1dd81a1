package import Journal
package import Kernel

/// Why the log was not published, or a part of it cannot be believed.
package struct AuditError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The medium failed. What was not synced may be gone: publishing ends until the next start.
        case io
        /// A file of the published log is missing, or is not what the journal's leaves make of it.
        case damaged
        /// The store is older than what was promised, or has another history.
        case rollback
        /// The log's key is missing, unreadable, or did not sign.
        case key
        case notFound
        case invalid
        case journal
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: JournalError) { self.init(.journal, error.message) }
    init(_ error: NoteError) { self.init(error.code == .malformed ? .damaged : .key, error.message) }

    init(_ error: CheckpointFileError) {
        let code: Code =
            switch error.code {
            case .io: .io
            case .rollback: .rollback
            case .malformed, .otherLog, .forged: .damaged
            }
        self.init(code, error.message)
    }

    package var description: String { message }
}
