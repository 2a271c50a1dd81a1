package import PluginKit

/// One decision put to the council.
package struct DecisionRequest: Codable, Sendable, SchemaDescribing {
    package var decisionID: String
    package var query: String
    package var complexityLevel: ComplexityLevel
    package var context: DecisionContext?
    /// The domains that must be heard. Absent or empty: every enabled executive.
    package var requiredDomains: [Domain]?
    package var criteria: [Criterion]
    package var options: [Option]
    /// The option that is voted on. Absent: the lead executive's first choice.
    package var proposal: String?
    /// Red lines and warnings of this decision, in place of the executive's own.
    package var limits: [Limit]?
    package var settings: CouncilSettings?

    package init(
        decisionID: String, query: String, complexityLevel: ComplexityLevel, context: DecisionContext? = nil,
        requiredDomains: [Domain]? = nil, criteria: [Criterion], options: [Option], proposal: String? = nil,
        limits: [Limit]? = nil, settings: CouncilSettings? = nil
    ) {
        self.decisionID = decisionID
        self.query = query
        self.complexityLevel = complexityLevel
        self.context = context
        self.requiredDomains = requiredDomains
        self.criteria = criteria
        self.options = options
        self.proposal = proposal
        self.limits = limits
        self.settings = settings
    }

    enum CodingKeys: String, CodingKey {
        case query, context, criteria, options, proposal, limits, settings
        case decisionID = "decision_id"
        case complexityLevel = "complexity_level"
        case requiredDomains = "required_domains"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("decision_id", "Named by the caller.", minLength: 1, maxLength: 100)
        schema.property("query", "The question in words.", minLength: 1, maxLength: 2000)
        schema.property("complexity_level", "Cynefin domain of the question.")
        schema.property("required_domains", "Executives that must be heard.", maxItems: 6)
        schema.property("criteria", "What is compared.", minItems: 1, maxItems: 40)
        schema.property("options", "At least two, each with a value for every criterion.", minItems: 2, maxItems: 40)
        schema.property("proposal", "Id of the option voted on.")
        schema.property("limits", "Red lines and warnings of this decision.", maxItems: 100)
    }
}

package struct DecisionContext: Codable, Sendable {
    /// Personal data are touched: ethics and legal are always heard.
    package var personalData: Bool?
    package var stakeholders: [String]?

    package init(
        personalData: Bool? = nil, stakeholders: [String]? = nil
    ) {
        self.personalData = personalData
        self.stakeholders = stakeholders
    }

    enum CodingKeys: String, CodingKey {
        case stakeholders
        case personalData = "personal_data"
    }
}

package struct Criterion: Codable, Sendable, SchemaDescribing {
    package enum Kind: String, Codable, CaseIterable, Sendable { case benefit, cost }

    package var id: String
    package var kind: Kind
    /// Relative to the other criteria; 1 if absent.
    package var weight: Double?

    package init(
        id: String, kind: Kind, weight: Double? = nil
    ) {
        self.id = id
        self.kind = kind
        self.weight = weight
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "A name from the executives' tables, or another.", minLength: 1, maxLength: 60)
        schema.property("kind", "benefit: more is better; cost: less is better.")
        schema.property("weight", "Relative to the others.", minimum: 0, maximum: 1e6)
    }
}

package struct Option: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var title: String?
    package var values: [String: Double]

    package init(
        id: String, title: String? = nil, values: [String: Double]
    ) {
        self.id = id
        self.title = title
        self.values = values
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Unique in the list.", minLength: 1, maxLength: 60)
        schema.property("values", "Criterion id to value.")
    }
}

package struct Limit: Codable, Sendable {
    package var executive: Domain
    package var criterion: String
    /// Beyond it the executive vetoes: above for a cost, below for a benefit.
    package var redLine: Double
    /// Beyond it the analysis is marked high risk.
    package var warning: Double

    package init(
        executive: Domain, criterion: String, redLine: Double, warning: Double
    ) {
        self.executive = executive
        self.criterion = criterion
        self.redLine = redLine
        self.warning = warning
    }

    enum CodingKeys: String, CodingKey {
        case executive, criterion, warning
        case redLine = "red_line"
    }
}

package struct CouncilSettings: Codable, Sendable, SchemaDescribing {
    package var enabledExecutives: [Domain]?
    /// Support from which a proposal is accepted; 0.7.
    package var threshold: Double?
    /// Support below which a person decides at once; 0.3.
    package var humanEscalationThreshold: Double?
    /// Share of the selected executives that must take part; 0.8.
    package var minParticipation: Double?
    /// Rounds of resolution between the two thresholds; 3.
    package var maxResolutionAttempts: Int?
    /// Off: a red line is recorded and the executive rejects, but does not block. On if absent.
    package var enableVeto: Bool?
    /// 10.
    package var maxParallelExecutives: Int?
    /// The task itself waits for a person where one must decide. Off if absent: the outcome says so.
    package var askPerson: Bool?

    package init(
        enabledExecutives: [Domain]? = nil, threshold: Double? = nil, humanEscalationThreshold: Double? = nil,
        minParticipation: Double? = nil, maxResolutionAttempts: Int? = nil, enableVeto: Bool? = nil,
        maxParallelExecutives: Int? = nil, askPerson: Bool? = nil
    ) {
        self.enabledExecutives = enabledExecutives
        self.threshold = threshold
        self.humanEscalationThreshold = humanEscalationThreshold
        self.minParticipation = minParticipation
        self.maxResolutionAttempts = maxResolutionAttempts
        self.enableVeto = enableVeto
        self.maxParallelExecutives = maxParallelExecutives
        self.askPerson = askPerson
    }

    enum CodingKeys: String, CodingKey {
        case threshold
        case enabledExecutives = "enabled_executives"
        case humanEscalationThreshold = "human_escalation_threshold"
        case minParticipation = "min_participation"
        case maxResolutionAttempts = "max_resolution_attempts"
        case enableVeto = "enable_veto"
        case maxParallelExecutives = "max_parallel_executives"
        case askPerson = "ask_person"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("threshold", "Accepted from here on; 0.7.", minimum: 0, maximum: 1)
        schema.property("human_escalation_threshold", "A person at once below; 0.3.", minimum: 0, maximum: 1)
        schema.property("min_participation", "0.8.", minimum: 0, maximum: 1)
        schema.property("max_resolution_attempts", "3.", minimum: 0, maximum: 10)
        schema.property("max_parallel_executives", "10.", minimum: 1, maximum: 10)
    }
}

package enum Domain: String, Codable, CaseIterable, Sendable {
    case strategy, finance, ethics, legal, risk, technology
}
