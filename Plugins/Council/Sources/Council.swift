package import PluginKit

/// Six executives judge a proposal by numbers and look for consensus; a person decides where they find none.
package struct Council: Department {
    package static let manifest = DepartmentManifest(
        id: "org.bureau.council",
        department: "council",
        version: "1.0.0",
        title: "Council",
        summary: "Decides between options: TOPSIS for each of six executives, consensus rules, red lines.",
        wants: Wants(models: [], tools: [], hosts: [], departments: []))

    package static let tasks: [TaskDefinition<Council>] = [
        .task(
            "decide", summary: "Puts a decision to the six executives.",
            planning: TaskPlanning(
                keywords: ["decide", "decision", "should we", "executive", "vote"], complexity: .high,
                durationSeconds: 30)
        ) {
            (_: Council, request: DecisionRequest, context: TaskContext) async throws -> DecisionOutcome in
            var outcome = try await Session(request).decide(context)
            try await AuditNote.write(outcome, context)
            if outcome.humanReviewRequired, request.settings?.askPerson == true, let question = outcome.approval {
                let answer = try await context.approval(
                    title: question.title, body: question.body, content: outcome.recommendation, step: "person")
                outcome.status = answer.approved ? .approvedByPerson : .rejectedByPerson
                outcome.person = PersonDecision(
                    approved: answer.approved, by: answer.by, reason: answer.reason)
            }
            return outcome
        },
        .task(
            "topsis", summary: "Ranks options by closeness to the ideal (Hwang and Yoon).",
            planning: TaskPlanning(
                keywords: ["rank options", "topsis", "compare alternatives", "criteria"], complexity: .low,
                durationSeconds: 1)
        ) {
            (_: Council, input: TopsisInput, _: TaskContext) async throws -> TopsisOutput in
            try input.ranked()
        },
    ]

    package init(configuration: Configuration) throws {}
}
