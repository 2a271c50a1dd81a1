package import PluginKit

/// What would have to be otherwise for another option to come first by TOPSIS.
package struct SensitivityInput: Codable, Sendable, SchemaDescribing {
    package var criteria: [Criterion]
    package var options: [Option]

    package init(criteria: [Criterion], options: [Option]) {
        self.criteria = criteria
        self.options = options
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("criteria", "What is compared.", minItems: 1, maxItems: 40)
        schema.property("options", "Each with a value for every criterion.", minItems: 2, maxItems: 40)
    }
}

package struct SensitivityOutput: Codable, Sendable {
    package struct WeightFlip: Codable, Sendable {
        package var criterion: String
        /// Shares of all weights, 0 to 1.
        package var share: Double
        package var flipsAt: Double
        package var winner: String

        enum CodingKeys: String, CodingKey {
            case criterion, share, winner
            case flipsAt = "flips_at"
        }
    }

    package struct ValueFlip: Codable, Sendable {
        package var criterion: String
        /// The winner's value now, and where it loses its place. Searched from half the span of all options below the
        /// worst of them to half above the best.
        package var value: Double
        package var flipsAt: Double
        package var winner: String

        enum CodingKeys: String, CodingKey {
            case criterion, value, winner
            case flipsAt = "flips_at"
        }
    }

    package var winner: String
    /// How far the first is before the second, in closeness.
    package var lead: Double
    /// Nearest first; a criterion that is not named cannot flip the decision by itself.
    package var weights: [WeightFlip]
    package var values: [ValueFlip]
}

extension SensitivityInput {
    package func examined() throws(TaskFailure) -> SensitivityOutput {
        try Checks.check(criteria, options)
        let matrix = options.map { option in criteria.map { option.values[$0.id] ?? 0 } }
        let weights = criteria.map { $0.weight ?? 1 }, isCost = criteria.map { $0.kind == .cost }
        func topsis(_ matrix: [[Double]], _ weights: [Double]) -> Topsis {
            Topsis(matrix: matrix, weights: weights, isCost: isCost)
        }
        let now = topsis(matrix, weights)
        guard let first = now.ranking.first else { throw .invalid("/options: empty") }
        let second = now.ranking.dropFirst().first ?? first
        var output = SensitivityOutput(
            winner: options[first].id, lead: now.closeness[first] - now.closeness[second], weights: [], values: [])
        let total = weights.reduce(0, +)
        for (column, criterion) in criteria.enumerated() {
            if let flip = Sensitivity.flip(
                ofWeight: column, weights: weights, winner: { topsis(matrix, $0).ranking.first })
            {
                output.weights.append(
                    SensitivityOutput.WeightFlip(
                        criterion: criterion.id, share: weights[column] / total, flipsAt: flip.at,
                        winner: options[flip.winner].id))
            }
            let values = matrix.map { $0[column] }
            guard let low = values.min(), let high = values.max(), high > low else { continue }
            let half = (high - low) / 2
            let flip = Sensitivity.flip(from: matrix[first][column], in: low - half...high + half, now: first) {
                value in
                var changed = matrix
                changed[first][column] = value
                return topsis(changed, weights).ranking.first
            }
            if let flip {
                output.values.append(
                    SensitivityOutput.ValueFlip(
                        criterion: criterion.id, value: matrix[first][column], flipsAt: flip.at,
                        winner: options[flip.winner].id))
            }
        }
        output.weights.sort { abs($0.flipsAt - $0.share) < abs($1.flipsAt - $1.share) }
        return output
    }
}
