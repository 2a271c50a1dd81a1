/// What an executive says to a proposal.
package enum Stance: String, Codable, CaseIterable, Sendable {
    case approve, conditional, reject, veto, abstain

    /// The share of a vote it counts for.
    package var support: Double {
        switch self {
        case .approve: 1
        case .conditional: 0.5
        case .reject, .veto, .abstain: 0
        }
    }
}

/// One executive's vote with all that led to it.
package struct Evaluation: Codable, Sendable {
    package var executive: Domain
    package var stance: Stance
    /// Advocate: closeness of the proposal among the options. Guardian: its distance from the red lines, 0 to 1.
    package var score: Double
    /// The option this executive ranks first.
    package var favourite: String
    /// Criterion id to the weight used; empty for an abstention.
    package var weights: [String: Double]
    package var vetoes: [Veto]
    package var highRisk: Bool
    package var findings: [String]
    package var statement: String
}

/// The deterministic evaluator.
package struct Evaluator: Sendable {
    package let request: DecisionRequest
    package let proposal: Option

    package init(request: DecisionRequest, proposal: Option) {
        self.request = request
        self.proposal = proposal
    }

    /// Below this share of its interests an executive has too little to judge by, and abstains.
    package static let minimumCoverage = 0.25
    /// The part of its weights that an executive takes from the request, so that all see all criteria.
    static let requestShare = 0.2
    /// An advocate calls options equal that are this close to its favourite.
    static let tie = 0.02
    /// A guardian approves from the first on, and has conditions from the second on.
    static let approves = 0.5, conditions = 0.3

    /// The weights an executive starts with: 0.8 of its own interests and 0.2 of the request's weights, each
    /// normalised over the criteria of the request. Empty if it must abstain.
    package func initialWeights(_ executive: Executive) -> [String: Double] {
        let known = request.criteria.filter { executive.interests[$0.id] != nil }
        let coverage = known.reduce(0) { $0 + (executive.interests[$1.id] ?? 0) }
        guard coverage >= Self.minimumCoverage else { return [:] }
        let total = request.criteria.reduce(0) { $0 + ($1.weight ?? 1) }
        var weights: [String: Double] = [:]
        for criterion in request.criteria {
            let own = (executive.interests[criterion.id] ?? 0) / coverage
            let shared = total > 0 ? (criterion.weight ?? 1) / total : 0
            weights[criterion.id] = own * (1 - Self.requestShare) + shared * Self.requestShare
        }
        return weights
    }

    package func closeness(weights: [String: Double]) -> Topsis {
        Topsis(
            matrix: request.options.map { option in request.criteria.map { option.values[$0.id] ?? 0 } },
            weights: request.criteria.map { weights[$0.id] ?? 0 }, isCost: request.criteria.map { $0.kind == .cost })
    }

    package func evaluate(_ executive: Executive, weights: [String: Double]) -> Evaluation {
        guard !weights.isEmpty else { return abstention(executive) }
        let topsis = closeness(weights: weights)
        let favourite = topsis.ranking.first.map { request.options[$0].id } ?? proposal.id
        let limits = limits(of: executive)
        let vetoes = limits.compactMap { veto(executive, $0) }
        let warned = limits.filter { isBeyond($0.warning, $0) }
        let score: Double, stance: Stance
        switch executive.manner {
        case .advocate:
            let index = request.options.firstIndex { $0.id == proposal.id } ?? 0
            score = topsis.closeness[index]
            let best = topsis.closeness.max() ?? 0
            stance = score >= best - Self.tie ? .approve : score >= 0.5 ? .conditional : .reject
        case .guardian:
            score = clearance(limits, weights)
            stance = score >= Self.approves ? .approve : score >= Self.conditions ? .conditional : .reject
        }
        var evaluation = Evaluation(
            executive: executive.domain, stance: stance, score: score, favourite: favourite, weights: weights,
            vetoes: vetoes, highRisk: !warned.isEmpty, findings: [], statement: "")
        if vetoes.contains(where: \.blocking) {
            evaluation.stance = .veto
        } else if !vetoes.isEmpty {
            evaluation.stance = .reject
        } else if !warned.isEmpty, stance == .approve {
            evaluation.stance = .conditional
        }
        evaluation.findings = Wording.findings(limits, proposal: proposal)
        evaluation.statement = Wording.statement(evaluation, executive, proposal: proposal, request: request)
        return evaluation
    }

    private func abstention(_ executive: Executive) -> Evaluation {
        Evaluation(
            executive: executive.domain, stance: .abstain, score: 0, favourite: "", weights: [:], vetoes: [],
            highRisk: false, findings: [],
            statement: "\(executive.domain.rawValue) abstains: the criteria given cover less than"
                + " \(Wording.percent(Self.minimumCoverage)) of what it judges by.")
    }

    /// A limit with the direction of its criterion.
    struct ActiveLimit {
        let criterion: Criterion
        let redLine: Double
        let warning: Double
        let value: Double
    }

    /// The executive's own lines and those of the request, which take their place, for criteria that are given.
    func limits(of executive: Executive) -> [ActiveLimit] {
        request.criteria.compactMap { criterion in
            guard let value = proposal.values[criterion.id] else { return nil }
            if let own = request.limits?.last(where: {
                $0.executive == executive.domain && $0.criterion == criterion.id
            }) {
                return ActiveLimit(criterion: criterion, redLine: own.redLine, warning: own.warning, value: value)
            }
            return executive.lines.first { $0.criterion == criterion.id }.map {
                ActiveLimit(criterion: criterion, redLine: $0.redLine, warning: $0.warning, value: value)
            }
        }
    }

    private func isBeyond(_ line: Double, _ limit: ActiveLimit) -> Bool {
        limit.criterion.kind == .cost ? limit.value > line : limit.value < line
    }

    private func veto(_ executive: Executive, _ limit: ActiveLimit) -> Veto? {
        guard isBeyond(limit.redLine, limit) else { return nil }
        return Veto(
            executive: executive.domain, criterion: limit.criterion.id, value: limit.value, redLine: limit.redLine,
            blocking: request.settings?.enableVeto ?? true)
    }

    /// TOPSIS against fixed points instead of the other options: 1 is no risk (0 for a cost, 1 for a benefit), 0 is
    /// the red line. So a guardian's word does not depend on which other options were put beside the proposal.
    private func clearance(_ limits: [ActiveLimit], _ weights: [String: Double]) -> Double {
        var toIdeal = 0.0, toWorst = 0.0
        for limit in limits {
            let ideal = limit.criterion.kind == .cost ? 0.0 : 1.0
            guard limit.redLine != ideal else { continue }
            let room = min(1, max(0, (limit.value - limit.redLine) / (ideal - limit.redLine)))
            let weight = weights[limit.criterion.id] ?? 0
            toIdeal += weight * weight * (1 - room) * (1 - room)
            toWorst += weight * weight * room * room
        }
        let sum = toIdeal.squareRoot() + toWorst.squareRoot()
        return sum == 0 ? 0.5 : toWorst.squareRoot() / sum
    }
}
