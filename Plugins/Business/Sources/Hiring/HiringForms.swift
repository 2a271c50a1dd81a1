package import PluginKit

package struct HiringCriterion: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var weight: Double
    package var low: Double
    package var high: Double

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "As in the candidates' scores.", minLength: 1, maxLength: 60)
        schema.property("weight", "Relative to the others, above 0.", minimum: 0, maximum: 1e6)
        schema.property("low", "Worst score that can be given.", minimum: -1e9, maximum: 1e9)
        schema.property("high", "Best score that can be given.", minimum: -1e9, maximum: 1e9)
    }
}

package struct Candidate: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var scores: [String: Double]
    package var groups: [String: String]?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "A number or pseudonym, not a name.", minLength: 1, maxLength: 100)
        schema.property("scores", "One for each criterion.")
        schema.property("groups", "By attribute, as \"sex\": \"f\"; only for the check, never for the ranking.")
    }
}

package struct HiringInput: Codable, Sendable, SchemaDescribing {
    package var position: String
    package var openings: Int
    package var criteria: [HiringCriterion]
    package var candidates: [Candidate]
    package var minimumScore: Double?
    package var askPerson: Bool?

    enum CodingKeys: String, CodingKey {
        case position, openings, criteria, candidates
        case minimumScore = "minimum_score"
        case askPerson = "ask_person"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("position", "For the report.", minLength: 1, maxLength: 200)
        schema.property("openings", "How many are proposed at most.", minimum: 1, maximum: 100_000)
        schema.property("criteria", "What counts.", minItems: 1, maxItems: 50)
        schema.property("candidates", "All who applied and were scored.", minItems: 1, maxItems: 100_000)
        schema.property("minimum_score", "0 to 100; nobody below is proposed.", minimum: 0, maximum: 100)
        schema.property("ask_person", "Wait for a person's decision on the proposal.")
    }
}

package struct RankedCandidate: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var rank: Int
    package var score: Double
    package var proposed: Bool

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "As given.")
        schema.property("rank", "1 is best; equal scores have the same rank.")
        schema.property("score", "0 to 100: the weighted mean of the scores on their scales.")
        schema.property("proposed", "Among the openings, and not below the minimum.")
    }
}

package struct ImpactRow: Codable, Sendable, SchemaDescribing {
    package enum Finding: String, Codable, Sendable, CaseIterable {
        case reference
        case fair = "no_adverse_impact"
        case adverse = "adverse_impact"
        case few = "too_few_to_tell"
    }

    package var attribute: String
    package var group: String
    package var candidates: Int
    package var proposed: Int
    package var rate: Double
    package var ratio: Double
    package var fisherPValue: Double
    package var finding: Finding

    enum CodingKeys: String, CodingKey {
        case attribute, group, candidates, proposed, rate, ratio, finding
        case fisherPValue = "fisher_p_value"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("attribute", "As given.")
        schema.property("group", "As given.")
        schema.property("candidates", "In the group.")
        schema.property("proposed", "Of those.")
        schema.property("rate", "Proposed of candidates.")
        schema.property("ratio", "Rate over that of the group with the highest one.")
        schema.property("fisher_p_value", "Against that group, exact, two-sided.")
        schema.property(
            "finding", "adverse_impact: ratio below 0.8 and p at most 0.05; too_few_to_tell: only the first.")
    }
}

package struct HiringOutput: Codable, Sendable, SchemaDescribing {
    package enum Status: String, Codable, Sendable, CaseIterable {
        case proposed
        case needsReview = "needs_review"
        case approvedByPerson = "approved_by_person"
        case rejectedByPerson = "rejected_by_person"
    }

    package var status: Status
    package var ranking: [RankedCandidate]
    package var impact: [ImpactRow]
    package var tiesAtTheEdge: [String]
    package var steadiness: Double
    package var report: [ReportFile]
    package var warnings: [String]
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case status, ranking, impact, steadiness, report, warnings, evidence
        case tiesAtTheEdge = "ties_at_the_edge"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("status", "needs_review: adverse impact, or a tie at the edge; a person must decide.")
        schema.property("ranking", "Best first.")
        schema.property("impact", "By attribute and group.")
        schema.property("ties_at_the_edge", "Candidates with the score of the last one proposed, when not all fit.")
        schema.property("steadiness", "Share of those proposed who stay when any one weight is halved or doubled.")
        schema.property("report", "report.md and report.html.")
        schema.property("warnings", "What a reader must know.")
        schema.property("evidence", "What the figures rest on.")
    }
}
