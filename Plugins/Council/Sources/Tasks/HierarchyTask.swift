package import PluginKit

/// The analytic hierarchy process: judgements in pairs, of criteria and of the options under each of them.
package struct HierarchyInput: Codable, Sendable, SchemaDescribing {
    package var criteria: [String]
    package var options: [String]
    /// How much more the row's criterion matters than the column's: 1 to 9, or the reciprocal.
    package var criteriaJudgements: [[Double]]
    /// The same of the options, under each criterion.
    package var optionJudgements: [String: [[Double]]]

    package init(
        criteria: [String], options: [String], criteriaJudgements: [[Double]], optionJudgements: [String: [[Double]]]
    ) {
        self.criteria = criteria
        self.options = options
        self.criteriaJudgements = criteriaJudgements
        self.optionJudgements = optionJudgements
    }

    enum CodingKeys: String, CodingKey {
        case criteria, options
        case criteriaJudgements = "criteria_judgements"
        case optionJudgements = "option_judgements"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("criteria", "Their names.", minItems: 1, maxItems: 15)
        schema.property("options", "Their names.", minItems: 1, maxItems: 15)
        schema.property("criteria_judgements", "Row against column: 1 to 9, or the reciprocal.")
        schema.property("option_judgements", "By criterion: row's option against column's.")
    }
}

package struct HierarchyOutput: Codable, Sendable {
    package struct Consistency: Codable, Sendable {
        /// `criteria`, or the criterion under which options were compared.
        package var of: String
        package var ratio: Double
        /// Saaty's rule: at most 0.1.
        package var isAcceptable: Bool

        enum CodingKeys: String, CodingKey {
            case of, ratio
            case isAcceptable = "is_acceptable"
        }
    }

    package var criteria: [String: Double]
    package var options: [String: Double]
    /// Best first.
    package var ranking: [String]
    package var consistency: [Consistency]
}

extension HierarchyInput {
    package func weighed() throws(TaskFailure) -> HierarchyOutput {
        guard Set(criteria).count == criteria.count else { throw .invalid("/criteria: each must be unique") }
        guard Set(options).count == options.count else { throw .invalid("/options: each must be unique") }
        for name in optionJudgements.keys.sorted() where !criteria.contains(name) {
            throw .invalid("/option_judgements/\(name): no criterion has this name")
        }
        let above = try comparison(criteriaJudgements, of: criteria.count, "/criteria_judgements")
        var totals = [Double](repeating: 0, count: options.count)
        var consistency = [
            HierarchyOutput.Consistency(
                of: "criteria", ratio: above.consistencyRatio,
                isAcceptable: above.consistencyRatio <= PairwiseComparison.acceptableRatio)
        ]
        for (name, weight) in zip(criteria, above.priorities) {
            guard let judgements = optionJudgements[name] else {
                throw .invalid("/option_judgements: nothing is said of \"\(name)\"")
            }
            let below = try comparison(judgements, of: options.count, "/option_judgements/\(name)")
            for (index, priority) in below.priorities.enumerated() { totals[index] += weight * priority }
            consistency.append(
                HierarchyOutput.Consistency(
                    of: name, ratio: below.consistencyRatio,
                    isAcceptable: below.consistencyRatio <= PairwiseComparison.acceptableRatio))
        }
        return HierarchyOutput(
            criteria: Dictionary(zip(criteria, above.priorities), uniquingKeysWith: { first, _ in first }),
            options: Dictionary(zip(options, totals), uniquingKeysWith: { first, _ in first }),
            ranking: totals.indices.sorted { totals[$0] > totals[$1] }.map { options[$0] }, consistency: consistency)
    }

    private func comparison(
        _ judgements: [[Double]], of count: Int, _ place: String
    ) throws(TaskFailure) -> PairwiseComparison {
        guard judgements.count == count else {
            throw .invalid("\(place): has \(judgements.count) rows for \(count) names")
        }
        if let problem = PairwiseComparison.problem(in: judgements) { throw .invalid("\(place): \(problem)") }
        return PairwiseComparison(judgements)
    }
}
