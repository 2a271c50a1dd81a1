package import PluginKit

/// What the council chooses between, and what it cannot compute.
package struct LaunchCouncil: Codable, Sendable, SchemaDescribing {
    package var complexityLevel: String
    package var context: CouncilContext?
    package var requiredDomains: [String]?
    /// The first is the launch that the report is about.
    package var options: [LaunchOption]
    /// Criteria that people judged, with where the judgement comes from.
    package var ratings: [Rating]
    /// Weights of the computed criteria `npv`, `loss_probability`, `capital_at_risk`, `market_demand` and
    /// `delivery_probability`; 1 if absent.
    package var weights: [String: Double]?
    package var settings: CouncilSettings?

    enum CodingKeys: String, CodingKey {
        case context, options, ratings, weights, settings
        case complexityLevel = "complexity_level"
        case requiredDomains = "required_domains"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property(
            "complexity_level", "Cynefin domain.",
            enumeration: ["clear", "complicated", "complex", "chaotic", "confused"])
        schema.property(
            "required_domains", "Executives that must be heard.",
            enumeration: ["strategy", "finance", "ethics", "legal", "risk", "technology"])
        schema.property("options", "At least two.", minItems: 2, maxItems: 10)
        schema.property("ratings", "Judged criteria.", maxItems: 30)
    }
}

package struct CouncilContext: Codable, Sendable {
    package var personalData: Bool?
    package var stakeholders: [String]?

    enum CodingKeys: String, CodingKey {
        case stakeholders
        case personalData = "personal_data"
    }
}

/// A way to do it, as factors on the case; or not to do it.
package struct LaunchOption: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var title: String
    /// Nothing is built, sold or spent.
    package var isNothing: Bool?
    package var volumeFactor: Double?
    package var fixedCostFactor: Double?
    package var investmentFactor: Double?

    enum CodingKeys: String, CodingKey {
        case id, title
        case isNothing = "is_nothing"
        case volumeFactor = "volume_factor"
        case fixedCostFactor = "fixed_cost_factor"
        case investmentFactor = "investment_factor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Unique in the list.", minLength: 1, maxLength: 40, pattern: "^[a-z0-9][a-z0-9-]*$")
        schema.property("title", "In words.", minLength: 1, maxLength: 120)
        for factor in ["volume", "fixed_cost", "investment"] {
            schema.property("\(factor)_factor", "1 is unchanged.", minimum: 0, maximum: 100)
        }
    }
}

package struct Rating: Codable, Sendable, SchemaDescribing {
    package var id: String
    /// `benefit` or `cost`.
    package var kind: String
    package var weight: Double?
    /// Option id to value.
    package var values: [String: Double]
    /// Who judged it, and from what.
    package var source: String

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Criterion.", minLength: 1, maxLength: 60)
        schema.property("kind", "More is better, or less.", enumeration: ["benefit", "cost"])
        schema.property("weight", "1 if absent.", minimum: 0, maximum: 1e6)
        schema.property("source", "For the report.", minLength: 1, maxLength: 300)
    }
}

/// As `council/decide` reads it.
package struct CouncilSettings: Codable, Sendable {
    package var threshold: Double?
    package var humanEscalationThreshold: Double?
    package var minParticipation: Double?
    package var maxResolutionAttempts: Int?
    package var enableVeto: Bool?
    package var askPerson: Bool?

    enum CodingKeys: String, CodingKey {
        case threshold
        case humanEscalationThreshold = "human_escalation_threshold"
        case minParticipation = "min_participation"
        case maxResolutionAttempts = "max_resolution_attempts"
        case enableVeto = "enable_veto"
        case askPerson = "ask_person"
    }
}
