/// What `council/decide` is asked.
struct CouncilRequest: Codable, Sendable {
    struct Criterion: Codable, Sendable {
        var id: String
        var kind: String
        var weight: Double
    }

    struct Option: Codable, Sendable {
        var id: String
        var title: String
        var values: [String: Double]
    }

    var decisionID: String
    var query: String
    var complexityLevel: String
    var context: CouncilContext?
    var requiredDomains: [String]?
    var criteria: [Criterion]
    var options: [Option]
    var settings: CouncilSettings?

    enum CodingKeys: String, CodingKey {
        case query, context, criteria, options, settings
        case decisionID = "decision_id"
        case complexityLevel = "complexity_level"
        case requiredDomains = "required_domains"
    }
}

/// What of its answer is read here.
struct CouncilOutcome: Codable, Sendable {
    struct Veto: Codable, Sendable {
        var executive: String
        var criterion: String
        var value: Double
        var redLine: Double
        var blocking: Bool

        enum CodingKeys: String, CodingKey {
            case executive, criterion, value, blocking
            case redLine = "red_line"
        }
    }

    struct Analysis: Codable, Sendable {
        var stance: String
        var score: Double
        var highRisk: Bool
        var findings: [String]

        enum CodingKeys: String, CodingKey {
            case stance, score, findings
            case highRisk = "high_risk"
        }
    }

    struct Recommendation: Codable, Sendable {
        var option: String
        var leadExecutive: String
        var rationale: String
        var domainSpecificAnalyses: [String: Analysis]

        enum CodingKeys: String, CodingKey {
            case option, rationale
            case leadExecutive = "lead_executive"
            case domainSpecificAnalyses = "domain_specific_analyses"
        }
    }

    struct RankedOption: Codable, Sendable {
        var rank: Int
        var option: String
        var closeness: Double
    }

    struct Entry: Codable, Sendable {
        var round: Int
        var role: String
        var statement: String
    }

    struct Person: Codable, Sendable {
        var approved: Bool
        var by: String
        var reason: String
    }

    var status: String
    var participatingExecutives: [String]
    var selectedFramework: String
    var responsePattern: String
    var consensusLevel: String
    var supportPercentage: Double
    var resolutionAttempts: Int
    var escalatedToHuman: Bool
    var escalationReason: String?
    var humanReviewRequired: Bool
    var vetoes: [Veto]
    var recommendation: Recommendation
    var ranking: [RankedOption]
    var transcript: [Entry]
    var person: Person?

    enum CodingKeys: String, CodingKey {
        case status, vetoes, recommendation, ranking, transcript, person
        case participatingExecutives = "participating_executives"
        case selectedFramework = "selected_framework"
        case responsePattern = "response_pattern"
        case consensusLevel = "consensus_level"
        case supportPercentage = "support_percentage"
        case resolutionAttempts = "resolution_attempts"
        case escalatedToHuman = "escalated_to_human"
        case escalationReason = "escalation_reason"
        case humanReviewRequired = "human_review_required"
    }
}
