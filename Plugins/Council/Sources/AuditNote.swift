import PluginKit

/// What the audit log says about a decision beside the recorded steps: text only, for its canonical form knows no
/// fractions.
struct AuditNote: Codable, Sendable {
    var decisionID: String
    var subject: String

    enum CodingKeys: String, CodingKey {
        case subject
        case decisionID = "decision_id"
    }

    static func write(_ outcome: DecisionOutcome, _ context: TaskContext) async throws(TaskFailure) {
        for veto in outcome.vetoes {
            let subject = "\(veto.executive.rawValue): \(veto.criterion)"
            try await context.audit(
                veto.blocking ? "decision.vetoed" : "decision.veto_ignored",
                AuditNote(decisionID: outcome.decisionID, subject: subject))
        }
        if outcome.humanReviewRequired {
            let reason = outcome.escalationReason ?? "high risk, or a question that needs a person"
            try await context.audit(
                "decision.human_review_required", AuditNote(decisionID: outcome.decisionID, subject: reason))
        }
    }
}
