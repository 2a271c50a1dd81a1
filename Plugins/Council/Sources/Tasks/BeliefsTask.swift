package import PluginKit

/// What to believe after evidence, and which action is then worth most.
package struct BeliefsInput: Codable, Sendable, SchemaDescribing {
    package struct Evidence: Codable, Sendable {
        package var name: String
        /// How likely it is if the hypothesis is true, by hypothesis: 0 to 1. Pieces are taken as independent given it.
        package var likelihoods: [String: Double]

        package init(name: String, likelihoods: [String: Double]) {
            self.name = name
            self.likelihoods = likelihoods
        }
    }

    package struct Action: Codable, Sendable {
        package var name: String
        /// What it brings if the hypothesis is true, in any one unit.
        package var utilities: [String: Double]

        package init(name: String, utilities: [String: Double]) {
            self.name = name
            self.utilities = utilities
        }
    }

    /// What one of several thinks.
    package struct Opinion: Codable, Sendable {
        package var by: String
        package var probabilities: [String: Double]
        /// Relative to the others; 1.
        package var weight: Double?

        package init(by: String, probabilities: [String: Double], weight: Double? = nil) {
            self.by = by
            self.probabilities = probabilities
            self.weight = weight
        }
    }

    package enum Pooling: String, Codable, CaseIterable, Sendable { case linear, logarithmic }

    /// Probabilities before the evidence; they exclude one another and sum to 1. Absent where there are opinions.
    package var hypotheses: [String: Double]?
    /// Made into one before the evidence.
    package var opinions: [Opinion]?
    /// linear: the mean; logarithmic: the normalised product, which one certain opinion decides. Linear if absent.
    package var pooling: Pooling?
    package var evidence: [Evidence]?
    package var actions: [Action]?

    package init(
        hypotheses: [String: Double]? = nil, opinions: [Opinion]? = nil, pooling: Pooling? = nil,
        evidence: [Evidence]? = nil, actions: [Action]? = nil
    ) {
        self.hypotheses = hypotheses
        self.opinions = opinions
        self.pooling = pooling
        self.evidence = evidence
        self.actions = actions
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("hypotheses", "Probabilities before the evidence; they sum to 1.")
        schema.property("opinions", "In place of hypotheses: what several think.", minItems: 1, maxItems: 100)
        schema.property("pooling", "How opinions become one; linear.")
        schema.property("evidence", "What was seen.", maxItems: 100)
        schema.property("actions", "What can be done, with what it brings under each hypothesis.", maxItems: 100)
    }
}

package struct BeliefsOutput: Codable, Sendable {
    package struct Step: Codable, Sendable {
        package var evidence: String
        package var beliefs: [String: Double]
    }

    package struct Choice: Codable, Sendable {
        package var action: String
        package var expectedUtility: Double
        /// The most that one may regret it, whichever hypothesis is true.
        package var largestRegret: Double

        enum CodingKeys: String, CodingKey {
            case action
            case expectedUtility = "expected_utility"
            case largestRegret = "largest_regret"
        }
    }

    package var beliefs: [String: Double]
    /// After each piece of evidence, in the order given.
    package var steps: [Step]
    /// Best first.
    package var choices: [Choice]
    /// At most so much is worth paying to know the truth before acting.
    package var valueOfPerfectInformation: Double?
    package var assumptions: [String]

    enum CodingKeys: String, CodingKey {
        case beliefs, steps, choices, assumptions
        case valueOfPerfectInformation = "value_of_perfect_information"
    }
}

extension BeliefsInput {
    package func updated() throws(TaskFailure) -> BeliefsOutput {
        let (names, prior) = try prior()
        var likelihoods: [[Double]] = [], steps: [BeliefsOutput.Step] = [], beliefs = prior
        for (index, piece) in (evidence ?? []).enumerated() {
            let place = "/evidence/\(index)/likelihoods"
            likelihoods.append(try Self.row(piece.likelihoods, names, place, in: 0...1))
            guard let posterior = Belief.posterior(prior: prior, likelihoods: likelihoods) else {
                throw .invalid(
                    "\(place): with what came before, \"\(piece.name)\" is impossible under every hypothesis")
            }
            beliefs = posterior
            steps.append(BeliefsOutput.Step(evidence: piece.name, beliefs: Self.named(beliefs, names)))
        }
        var output = BeliefsOutput(
            beliefs: Self.named(beliefs, names), steps: steps, choices: [],
            assumptions: [
                "The hypotheses exclude one another and leave nothing out.",
                "Pieces of evidence are independent of one another given the hypothesis.",
            ])
        guard let actions, !actions.isEmpty else { return output }
        var utilities: [[Double]] = []
        for (index, action) in actions.enumerated() {
            utilities.append(try Self.row(action.utilities, names, "/actions/\(index)/utilities", in: -1e100...1e100))
        }
        let expected = Belief.expectedUtilities(utilities, beliefs: beliefs), regrets = Belief.largestRegrets(utilities)
        output.choices = actions.indices.sorted { expected[$0] > expected[$1] }.map {
            BeliefsOutput.Choice(
                action: actions[$0].name, expectedUtility: expected[$0], largestRegret: regrets[$0])
        }
        output.valueOfPerfectInformation = Belief.valueOfPerfectInformation(utilities, beliefs: beliefs)
        return output
    }

    private func prior() throws(TaskFailure) -> (names: [String], beliefs: [Double]) {
        if let hypotheses {
            guard opinions == nil else { throw .invalid("/opinions: give hypotheses or opinions, not both") }
            let names = hypotheses.keys.sorted(), beliefs = names.map { hypotheses[$0] ?? 0 }
            try Self.checkDistribution(beliefs, names, "/hypotheses")
            return (names, beliefs)
        }
        guard let opinions, let first = opinions.first else { throw .invalid("/hypotheses: missing") }
        let names = first.probabilities.keys.sorted(), weights = opinions.map { $0.weight ?? 1 }
        var rows: [[Double]] = []
        for (index, opinion) in opinions.enumerated() {
            let place = "/opinions/\(index)"
            guard (0...1e6).contains(weights[index]) else {
                throw .invalid("\(place)/weight: \(weights[index]) is not between 0 and 1,000,000")
            }
            let row = try Self.row(opinion.probabilities, names, "\(place)/probabilities", in: 0...1)
            try Self.checkDistribution(row, names, "\(place)/probabilities")
            rows.append(row)
        }
        guard weights.contains(where: { $0 > 0 }) else { throw .invalid("/opinions: every weight is zero") }
        switch pooling ?? .linear {
        case .linear: return (names, Belief.linearPool(rows, weights: weights))
        case .logarithmic:
            guard let pooled = Belief.logarithmicPool(rows, weights: weights) else {
                throw .invalid("/opinions: no hypothesis is possible for all of them")
            }
            return (names, pooled)
        }
    }

    private static func checkDistribution(_ values: [Double], _ names: [String], _ place: String) throws(TaskFailure) {
        guard !values.isEmpty else { throw .invalid("\(place): empty") }
        for (name, value) in zip(names, values) where !(0...1).contains(value) {
            throw .invalid("\(place)/\(name): \(value) is not between 0 and 1")
        }
        let sum = values.reduce(0, +)
        guard abs(sum - 1) < 1e-6 else { throw .invalid("\(place): sums to \(sum), not to 1") }
    }

    private static func row(
        _ values: [String: Double], _ names: [String], _ place: String, in range: ClosedRange<Double>
    ) throws(TaskFailure) -> [Double] {
        for name in values.keys.sorted() where !names.contains(name) {
            throw .invalid("\(place)/\(name): no hypothesis has this name")
        }
        var row: [Double] = []
        for name in names {
            guard let value = values[name] else { throw .invalid("\(place): nothing is said of \"\(name)\"") }
            guard range.contains(value) else {
                throw .invalid("\(place)/\(name): \(value) is not between \(range.lowerBound) and \(range.upperBound)")
            }
            row.append(value)
        }
        return row
    }

    private static func named(_ values: [Double], _ names: [String]) -> [String: Double] {
        Dictionary(zip(names, values), uniquingKeysWith: { first, _ in first })
    }
}
