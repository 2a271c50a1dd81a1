/// The key figures; the whole story is in the artifacts.
package struct LaunchOutput: Codable, Sendable {
    package enum Status: String, Codable, CaseIterable, Sendable {
        case approved
        case notApproved = "not_approved"
        /// The council found no consensus, or vetoed, or wants a person to look: see `decision`.
        case needsDecision = "needs_decision"
    }

    package var status: Status
    package var title: String
    package var decision: DecisionSummary
    package var figures: KeyFigures
    package var gaps: [GapSummary]
    package var warnings: [String]
    package var report: [ReportFile]
    /// `provider/model` of the paragraphs; absent where there are none.
    package var proseModel: String?

    enum CodingKeys: String, CodingKey {
        case status, title, decision, figures, gaps, warnings, report
        case proseModel = "prose_model"
    }
}

package struct DecisionSummary: Codable, Sendable {
    package var option: String
    package var consensusLevel: String
    package var supportPercentage: Double
    package var escalatedToHuman: Bool
    package var humanReviewRequired: Bool
    package var escalationReason: String?
    package var vetoes: [String]

    enum CodingKeys: String, CodingKey {
        case option, vetoes
        case consensusLevel = "consensus_level"
        case supportPercentage = "support_percentage"
        case escalatedToHuman = "escalated_to_human"
        case humanReviewRequired = "human_review_required"
        case escalationReason = "escalation_reason"
    }
}

package struct KeyFigures: Codable, Sendable {
    package var currency: String
    package var priceMinor: Int
    package var npvMinor: Int
    package var irrAnnual: Double?
    package var xirr: Double?
    package var paybackMonths: Double?
    package var lossProbability: Double?
    package var capitalAtRiskMinor: Int
    package var breakEvenUnits: Int?
    package var customersAtEnd: Int
    package var acquisitionCostMinor: Int?
    package var lifetimeValueMinor: Int?
    package var expectedDays: Double
    package var probabilityToMeetTarget: Double?
    package var criticalPath: [String]

    enum CodingKeys: String, CodingKey {
        case currency, xirr
        case priceMinor = "price_minor"
        case npvMinor = "npv_minor"
        case irrAnnual = "irr_annual"
        case paybackMonths = "payback_months"
        case lossProbability = "loss_probability"
        case capitalAtRiskMinor = "capital_at_risk_minor"
        case breakEvenUnits = "break_even_units"
        case customersAtEnd = "customers_at_end"
        case acquisitionCostMinor = "acquisition_cost_minor"
        case lifetimeValueMinor = "lifetime_value_minor"
        case expectedDays = "expected_days"
        case probabilityToMeetTarget = "probability_to_meet_target"
        case criticalPath = "critical_path"
    }
}

package struct GapSummary: Codable, Sendable {
    package var rank: Int
    package var title: String
    package var score: Double
}

package struct ReportFile: Codable, Sendable {
    package var name: String
    package var mediaType: String
    package var digest: String

    enum CodingKeys: String, CodingKey {
        case name, digest
        case mediaType = "media_type"
    }
}
