/// The rules of messages between agents: what is kept until it is acknowledged, and when it is given up.
///
/// Between one sender and one receiver messages keep their order: one is given out when the ones before it have ended.
package enum AgentMessage {
    /// After so many deliveries a message becomes a dead letter.
    package static let maximumDeliveries = 5
    /// In somebody's hands for so long; then it is given out again.
    package static let visibilityMilliseconds: Int64 = 30_000
    package static let maximumVisibilityMilliseconds: Int64 = 12 * 3_600_000
    /// What starts a run and could not for now is tried again after so long.
    package static let retryMilliseconds: Int64 = 60_000
    /// Runs may start one another by messages so many times in a row.
    package static let maximumChain = 100
    /// Open messages of one receiver.
    package static let maximumOpen = 10_000
    package static let maximumBodyBytes = 1 << 20
    private static let maximumTypeBytes = 128

    /// Dotted lower-case words, as the topics of events are.
    package static func isType(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= maximumTypeBytes
            && text.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || $0 == 46 || $0 == 95 || $0 == 45
            }
    }

    package static func wrongType(_ type: String) -> Failure {
        Failure(
            .invalid,
            "\"\(type)\" is no type of a message: use lower-case letters, digits, '.', '_' and '-', at most "
                + "\(maximumTypeBytes) bytes")
    }

    package enum State: Int, Hashable, Sendable {
        /// Queued, or in somebody's hands until it is due again.
        case open = 0
        case acknowledged = 1
        /// Given out too often, or to nobody any more.
        case dead = 2

        package var name: String {
            switch self {
            case .open: "open"
            case .acknowledged: "acknowledged"
            case .dead: "dead"
            }
        }
    }

    package enum Verdict: Hashable, Sendable {
        /// Given out again from then on.
        case again(Instant)
        case dead
    }

    /// After a delivery that was not acknowledged.
    ///
    /// - Parameter retryAt: nil: never.
    package static func verdict(deliveries: Int, retryAt: Instant?) -> Verdict {
        guard let retryAt, deliveries < maximumDeliveries else { return .dead }
        return .again(retryAt)
    }
}
