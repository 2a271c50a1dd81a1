package import PluginKit

/// The options by several methods at once, so that one sees where the method decides and not the data.
package struct RankInput: Codable, Sendable, SchemaDescribing {
    package enum Method: String, Codable, CaseIterable, Sendable {
        case topsis, wsm, wpm, waspas, promethee, vikor
    }

    package enum Weighting: String, Codable, CaseIterable, Sendable {
        /// Those of the criteria.
        case given
        case equal
        /// From the data alone.
        case entropy
    }

    package var criteria: [Criterion]
    package var options: [Option]
    /// All if absent.
    package var methods: [Method]?
    package var weighting: Weighting?
    /// By criterion, for PROMETHEE; `usual` where there is none.
    package var preferences: [String: Preference]?
    /// Of WASPAS: 1 is the weighted sum, 0 the weighted product; 0.5.
    package var lambda: Double?
    /// Of VIKOR: 1 looks at the sum of regrets, 0 at the largest; 0.5.
    package var strategy: Double?

    package init(
        criteria: [Criterion], options: [Option], methods: [Method]? = nil, weighting: Weighting? = nil,
        preferences: [String: Preference]? = nil, lambda: Double? = nil, strategy: Double? = nil
    ) {
        self.criteria = criteria
        self.options = options
        self.methods = methods
        self.weighting = weighting
        self.preferences = preferences
        self.lambda = lambda
        self.strategy = strategy
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("criteria", "What is compared.", minItems: 1, maxItems: 200)
        schema.property("options", "Each with a value for every criterion.", minItems: 1, maxItems: 500)
        schema.property("methods", "All if absent.", maxItems: 6)
        schema.property("weighting", "given: those of the criteria; entropy: from the data alone.")
        schema.property("preferences", "By criterion: how a difference becomes a preference, for PROMETHEE.")
        schema.property("lambda", "Of WASPAS; 0.5.", minimum: 0, maximum: 1)
        schema.property("strategy", "Of VIKOR; 0.5.", minimum: 0, maximum: 1)
    }
}

/// Brans and Vincke's shapes with their thresholds, in the criterion's own unit.
package struct Preference: Codable, Sendable, SchemaDescribing {
    package enum Shape: String, Codable, CaseIterable, Sendable {
        case usual, level, linear, gaussian
        case uShape = "u_shape"
        case vShape = "v_shape"
    }

    package var shape: Shape
    /// The largest difference that does not matter.
    package var q: Double?
    /// The smallest that decides.
    package var p: Double?
    /// The turning point of the bell.
    package var s: Double?

    package init(shape: Shape, q: Double? = nil, p: Double? = nil, s: Double? = nil) {
        self.shape = shape
        self.q = q
        self.p = p
        self.s = s
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("q", "The largest difference that does not matter.", minimum: 0)
        schema.property("p", "The smallest difference that decides.", minimum: 0)
        schema.property("s", "The turning point of the bell.", minimum: 0)
    }

    /// - Throws: with the place of what is missing or contradicts itself.
    func function(of criterion: String) throws(TaskFailure) -> PreferenceFunction {
        func need(_ value: Double?, _ name: String) throws(TaskFailure) -> Double {
            guard let value else { throw .invalid("/preferences/\(criterion)/\(name): \(shape.rawValue) needs it") }
            return value
        }
        func above(_ low: Double, _ value: Double, _ name: String) throws(TaskFailure) -> Double {
            guard value > low else { throw .invalid("/preferences/\(criterion)/\(name): must be above \(low)") }
            return value
        }
        switch shape {
        case .usual: return .usual
        case .uShape: return .uShape(q: try need(q, "q"))
        case .vShape: return .vShape(p: try above(0, try need(p, "p"), "p"))
        case .level:
            let q = try need(q, "q")
            return .level(q: q, p: try above(q, try need(p, "p"), "p"))
        case .linear:
            let q = try need(q, "q")
            return .linear(q: q, p: try above(q, try need(p, "p"), "p"))
        case .gaussian: return .gaussian(s: try above(0, try need(s, "s"), "s"))
        }
    }
}

package struct RankOutput: Codable, Sendable {
    package struct Place: Codable, Sendable {
        package var rank: Int
        package var option: String
        package var score: Double
    }

    package struct Result: Codable, Sendable {
        package var method: RankInput.Method
        package var source: String
        /// Of the scores: true where less is better.
        package var lessIsBetter: Bool
        package var ranking: [Place]
        /// VIKOR's: more than one where none has an acceptable advantage.
        package var compromise: [String]?

        enum CodingKeys: String, CodingKey {
            case method, source, ranking, compromise
            case lessIsBetter = "less_is_better"
        }
    }

    package struct Skipped: Codable, Sendable {
        package var method: RankInput.Method
        package var reason: String
    }

    /// As used, by criterion; they sum to 1.
    package var weights: [String: Double]
    package var results: [Result]
    /// What could not be computed of what was asked for.
    package var skipped: [Skipped]
    /// Options that some method puts first, with how many do.
    package var firsts: [String: Int]
}
