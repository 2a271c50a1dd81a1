import HTTPTypes
import Identity

extension Problem {
    init(_ error: ProofError) {
        switch error.code {
        case .wrong: self.init(.unauthorized, "wrong_proof", error.message)
        case .resting(let seconds), .tooMany(let seconds):
            self.init(.tooManyRequests, "too_many", error.message, retryAfterSeconds: seconds)
        case .locked: self.init(.forbidden, "locked", error.message)
        case .forbidden: self.init(.forbidden, "forbidden", error.message)
        case .notFound: self.init(.notFound, "not_found", error.message)
        case .invalid: self.init(.unprocessableContent, "invalid", error.message)
        case .conflict: self.init(.conflict, "conflict", error.message)
        case .storage: self = .storage
        case .unavailable: self.init(.serviceUnavailable, "unavailable", error.message, retryAfterSeconds: 30)
        }
    }
}
