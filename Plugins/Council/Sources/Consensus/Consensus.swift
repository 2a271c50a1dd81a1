/// The words for how far the council agrees.
package enum ConsensusLevel: String, Codable, CaseIterable, Sendable {
    case unanimous, strong, moderate, weak, none, vetoed
    case noQuorum = "no_quorum"
}

/// The rules of consensus: accepted from 0.7 on, resolved between 0.3 and 0.7, a person below or at a veto.
package struct Consensus: Sendable {
    package enum Verdict: Equatable, Sendable {
        case accept
        case resolve
        case escalate(String)
    }

    package var threshold = 0.7
    package var humanEscalationThreshold = 0.3
    package var minParticipation = 0.8
    package var maxResolutionAttempts = 3

    package init(_ settings: CouncilSettings? = nil) {
        threshold = settings?.threshold ?? threshold
        humanEscalationThreshold = settings?.humanEscalationThreshold ?? humanEscalationThreshold
        minParticipation = settings?.minParticipation ?? minParticipation
        maxResolutionAttempts = settings?.maxResolutionAttempts ?? maxResolutionAttempts
    }

    /// - Parameter attempts: rounds of resolution so far.
    package func verdict(support: Double, participation: Double, isVetoed: Bool, attempts: Int) -> Verdict {
        if isVetoed { return .escalate("an executive vetoed") }
        if participation < minParticipation {
            return .escalate(
                "no quorum: \(Wording.percent(participation)) took part,"
                    + " \(Wording.percent(minParticipation)) are needed"
            )
        }
        if support >= threshold { return .accept }
        if support < humanEscalationThreshold {
            return .escalate(
                "support \(Wording.percent(support)) is below \(Wording.percent(humanEscalationThreshold))")
        }
        if attempts < maxResolutionAttempts { return .resolve }
        return .escalate(
            "support \(Wording.percent(support)) is below \(Wording.percent(threshold)) after \(attempts) rounds")
    }

    package func level(support: Double, participation: Double, isVetoed: Bool) -> ConsensusLevel {
        if isVetoed { return .vetoed }
        if participation < minParticipation { return .noQuorum }
        if support >= 1 { return .unanimous }
        if support >= threshold { return .strong }
        if support >= 0.5 { return .moderate }
        return support >= humanEscalationThreshold ? .weak : .none
    }

    /// The mean of the votes of those who took part; 0 if none did.
    package static func support(_ evaluations: [Evaluation]) -> Double {
        let votes = evaluations.filter { $0.stance != .abstain }
        return votes.isEmpty ? 0 : votes.reduce(0) { $0 + $1.stance.support } / Double(votes.count)
    }

    package static func participation(_ evaluations: [Evaluation]) -> Double {
        guard !evaluations.isEmpty else { return 0 }
        return Double(evaluations.count { $0.stance != .abstain }) / Double(evaluations.count)
    }
}

/// Repeated averaging of opinions (M. DeGroot, "Reaching a Consensus", 1974).
package enum DeGroot {
    /// How far an executive moves towards the group in one round.
    package static let openness = 0.3

    /// One round, opinions ← trust · opinions. Each row of `trust` sums to 1.
    package static func step(trust: [[Double]], opinions: [[Double]]) -> [[Double]] {
        trust.map { row in
            (opinions.first ?? []).indices.map { column in
                zip(row, opinions).reduce(0) { $0 + $1.0 * $1.1[column] }
            }
        }
    }

    /// Everybody trusts itself with 1 − openness, and all (itself too) equally with the rest.
    package static func trust(count: Int, openness: Double = openness) -> [[Double]] {
        (0..<count).map { row in
            (0..<count).map { column in
                (row == column ? 1 - openness : 0) + openness / Double(count)
            }
        }
    }

    /// The weights of criteria after one round among those who take part. Red lines are not opinions and do not move.
    package static func moved(_ weights: [[String: Double]], criteria: [String]) -> [[String: Double]] {
        let opinions = weights.map { executive in criteria.map { executive[$0] ?? 0 } }
        return step(trust: trust(count: weights.count), opinions: opinions).map {
            Dictionary(zip(criteria, $0), uniquingKeysWith: { first, _ in first })
        }
    }
}
