package import Kernel
import Journal

/// Why a proof of identity was not taken, or could not be asked for. The sentence goes to the caller, unless its code
/// is `.storage`.
package struct ProofError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// A wrong code, an answer that does not hold, a token that is none.
        case wrong
        /// Too many wrong ones: again after some seconds.
        case resting(seconds: Int)
        /// Until an administrator resets it.
        case locked
        case notFound, invalid, conflict, forbidden
        /// What it needs is not set up, or does not answer.
        case unavailable
        /// The store or the vault; the sentence is the operator's.
        case storage
        case tooMany(seconds: Int)
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package init(_ failure: Failure) {
        switch failure.status {
        case .invalid: self.init(.invalid, failure.message)
        case .notFound: self.init(.notFound, failure.message)
        case .denied: self.init(.wrong, failure.message)
        default: self.init(.storage, failure.message)
        }
    }

    init(_ error: JournalError) {
        switch error.code {
        case .notFound: self.init(.notFound, error.message)
        case .invalid: self.init(.invalid, error.message)
        case .conflict, .duplicate: self.init(.conflict, error.message)
        default: self.init(.storage, error.message)
        }
    }

    package var description: String { message }
}
