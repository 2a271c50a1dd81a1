package import Journal
package import Kernel

/// Why somebody is not let in, or something about accounts is not done.
package struct IdentityError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// Who asks did not prove who they are. The message is the same whoever exists.
        case unauthenticated
        case forbidden
        case notFound
        case conflict
        case invalid
        /// The password was right, and is good for nothing but to set another.
        case mustChangePassword
        /// Too many tried; nothing was looked at.
        case locked(until: Instant)
        /// As many passwords are being hashed as this host hashes at once.
        case busy
        case storage
        case full
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package init(_ error: JournalError) {
        let code: Code =
            switch error.code {
            case .notFound: .notFound
            case .conflict, .duplicate: .conflict
            case .invalid: .invalid
            case .denied: .forbidden
            case .full: .full
            case .fenced, .budget, .cancelled, .closed, .inUse, .storage: .storage
            }
        self.init(code, error.message)
    }

    package var description: String { message }
}
