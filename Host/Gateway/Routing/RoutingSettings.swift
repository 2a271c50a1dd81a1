package import Kernel

/// What an operator decides about where calls go.
package struct RoutingSettings: Hashable, Sendable {
    package var routes: [String: Route]
    /// By provider.
    package var limits: [String: TrafficLimits]
    /// For calls without a route.
    package var retry: RetryRule
    package var breaker: CircuitBreaker.Settings

    package init(
        routes: [String: Route] = [:], limits: [String: TrafficLimits] = [:], retry: RetryRule = RetryRule(),
        breaker: CircuitBreaker.Settings = CircuitBreaker.Settings()
    ) {
        self.routes = routes
        self.limits = limits
        self.retry = retry
        self.breaker = breaker
    }
}

/// Why a target does not take a call now.
struct AdmissionRefusal: Error, Hashable, Sendable {
    enum Reason: Hashable, Sendable {
        case open, held, queueFull, queueDeadline, cancelled
    }

    var reason: Reason
    var message: String
    /// When asking again makes sense.
    var retryAfterMilliseconds: Int64?

    var failure: CallFailure {
        switch reason {
        case .held: .rateLimit
        case .open, .queueFull, .queueDeadline: .capacity
        case .cancelled: .cancelled
        }
    }

    var status: Status {
        switch reason {
        case .open, .held, .queueFull: .busy
        case .queueDeadline: .deadline
        case .cancelled: .cancelled
        }
    }
}

extension CallFailure {
    package init(_ error: ProviderError) {
        self =
            switch error.status {
            case .cancelled: .cancelled
            case .deadline: .timeout
            case .io: .server
            case .busy: error.isRetryable ? .rateLimit : .capacity
            case .denied: error.isRetryable ? .capacity : .refused
            default: error.isRetryable ? .server : .refused
            }
    }
}
