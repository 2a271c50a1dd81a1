/// Why an attempt at a run ended without a result, as far as another attempt is concerned. Raw values are stored.
package enum FailureClass: String, Hashable, Sendable, CaseIterable {
    /// Input and output: a connection, a disk, a service that was away.
    case transient
    /// A time limit of the attempt.
    case timeout
    /// The plugin took its worker down, or its host died.
    case crash
    /// Somebody asked for less. They may have said when to come back.
    case rateLimited = "rate_limited"
    /// No place or no money is free at the moment, but will be.
    case busy
    /// The plugin's own fault, which another attempt may not meet.
    case fault
    /// Another attempt would end the same way.
    case permanent
    case cancelled

    /// What a plugin or a service answered. Rate limits and crashes are not seen in a status: who notices one says so.
    package init(_ status: Status) {
        self =
            switch status {
            case .io: .transient
            case .deadline: .timeout
            case .busy: .busy
            case .internal: .fault
            case .cancelled: .cancelled
            default: .permanent
            }
    }

    /// As people read it.
    var words: String {
        switch self {
        case .transient: "a transient failure"
        case .timeout: "a timeout"
        case .crash: "a crash"
        case .rateLimited: "a rate limit"
        case .busy: "a busy resource"
        case .fault: "a fault of the plugin"
        case .permanent: "a permanent failure"
        case .cancelled: "a cancellation"
        }
    }
}
