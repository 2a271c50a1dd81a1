package import PluginKit

package struct TopsisInput: Codable, Sendable, SchemaDescribing {
    package var criteria: [Criterion]
    package var options: [Option]

    package init(
        criteria: [Criterion], options: [Option]
    ) {
        self.criteria = criteria
        self.options = options
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("criteria", "What is compared.", minItems: 1, maxItems: 200)
        schema.property("options", "Each with a value for every criterion.", minItems: 1, maxItems: 1000)
    }
}

package struct TopsisOutput: Codable, Sendable {
    package var ranking: [TopsisRank]
}

package struct TopsisRank: Codable, Sendable {
    package var rank: Int
    package var option: String
    package var closeness: Double
    package var distanceToIdeal: Double
    package var distanceToWorst: Double

    enum CodingKeys: String, CodingKey {
        case rank, option, closeness
        case distanceToIdeal = "distance_to_ideal"
        case distanceToWorst = "distance_to_worst"
    }
}

extension TopsisInput {
    func ranked() throws(TaskFailure) -> TopsisOutput {
        try Checks.check(criteria, options)
        let result = Topsis(
            matrix: options.map { option in criteria.map { option.values[$0.id] ?? 0 } },
            weights: criteria.map { $0.weight ?? 1 }, isCost: criteria.map { $0.kind == .cost })
        return TopsisOutput(
            ranking: result.ranking.enumerated().map {
                TopsisRank(
                    rank: $0 + 1, option: options[$1].id, closeness: result.closeness[$1],
                    distanceToIdeal: result.distanceToIdeal[$1], distanceToWorst: result.distanceToWorst[$1])
            })
    }
}
