/// What the council decided, why, and who said what.
package struct DecisionOutcome: Codable, Sendable {
    package enum Status: String, Codable, CaseIterable, Sendable {
        /// The recommended option has the council's support.
        case accepted
        /// A person must decide: see `escalationReason`.
        case escalated
        /// A person decided for, or against, the recommended option.
        case approvedByPerson = "approved_by_person"
        case rejectedByPerson = "rejected_by_person"
    }

    package var decisionID: String
    package var query: String
    package var status: Status
    package var participatingExecutives: [Domain]
    package var selectedFramework: String
    /// Cynefin's way of acting for the complexity of the question.
    package var responsePattern: String
    package var consensusLevel: ConsensusLevel
    package var supportPercentage: Double
    package var participation: Double
    package var resolutionAttempts: Int
    package var escalatedToHuman: Bool
    package var escalationReason: String?
    package var humanReviewRequired: Bool
    package var vetoes: [Veto]
    package var recommendation: Recommendation
    package var ranking: [RankedOption]
    package var transcript: [TranscriptEntry]
    /// What a person is asked, where one must decide.
    package var approval: ApprovalCase?
    package var person: PersonDecision?

    enum CodingKeys: String, CodingKey {
        case query, status, participation, vetoes, recommendation, ranking, transcript, approval, person
        case decisionID = "decision_id"
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

package struct Recommendation: Codable, Sendable {
    package var option: String
    package var leadExecutive: Domain
    package var rationale: String
    package var domainSpecificAnalyses: [String: DomainAnalysis]

    enum CodingKeys: String, CodingKey {
        case option, rationale
        case leadExecutive = "lead_executive"
        case domainSpecificAnalyses = "domain_specific_analyses"
    }
}

/// One executive's last word.
package struct DomainAnalysis: Codable, Sendable {
    package var stance: Stance
    package var score: Double
    package var highRisk: Bool
    package var findings: [String]

    enum CodingKeys: String, CodingKey {
        case stance, score, findings
        case highRisk = "high_risk"
    }
}

package struct Veto: Codable, Sendable {
    package var executive: Domain
    package var criterion: String
    package var value: Double
    package var redLine: Double
    /// False where vetoes are switched off: recorded only.
    package var blocking: Bool

    enum CodingKeys: String, CodingKey {
        case executive, criterion, value, blocking
        case redLine = "red_line"
    }
}

package struct RankedOption: Codable, Sendable {
    package var rank: Int
    package var option: String
    package var closeness: Double
}

package struct TranscriptEntry: Codable, Sendable {
    package enum Role: String, Codable, CaseIterable, Sendable { case lead, evaluator }

    /// 0 is the first vote, later ones are rounds of resolution.
    package var round: Int
    package var executive: Domain
    package var role: Role
    package var stance: Stance
    package var score: Double
    package var statement: String
}

package struct ApprovalCase: Codable, Sendable {
    package var title: String
    package var body: String
}

package struct PersonDecision: Codable, Sendable {
    package var approved: Bool
    package var by: String
    package var reason: String
}
