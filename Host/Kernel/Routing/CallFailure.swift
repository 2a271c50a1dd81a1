/// Why an attempt gave no answer, as far as routing cares.
package enum CallFailure: String, Hashable, Sendable, CaseIterable {
    /// The target takes no more: an open circuit, a full queue, an exhausted quota, no key that works.
    case capacity
    /// 429, 529.
    case rateLimit = "rate_limit"
    /// 5xx, broken connections, answers that are none.
    case server = "server_error"
    case timeout
    /// The request itself: it would be refused anywhere. Also what has no price, or is against a policy.
    case refused
    /// By its caller, or because the host ends.
    case cancelled

    /// What a route may fall over on. A refusal never: another provider would be asked what one has forbidden.
    package static let fallOver: [CallFailure] = [.capacity, .rateLimit, .server, .timeout]

    /// Whether the target itself is to blame, for its circuit.
    package var isTargetsFault: Bool { self == .server || self == .timeout }
}
