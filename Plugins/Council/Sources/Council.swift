package import PluginKit

/// Six executives judge a proposal by numbers and look for consensus; a person decides where they find none.
package struct Council: Department {
    package static let manifest = DepartmentManifest(
        id: "org.bureau.council",
        department: "council",
        version: "1.1.0",
        title: "Council",
        summary: "Decides between options: six executives, consensus, red lines; methods to rank, vote, believe.",
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
        .task(
            "rank", summary: "Ranks options by several published methods at once, and says where they differ.",
            planning: TaskPlanning(
                keywords: ["rank options", "promethee", "vikor", "waspas", "weighted sum", "multi criteria"],
                complexity: .low, durationSeconds: 1)
        ) { (_: Council, input: RankInput, _: TaskContext) async throws -> RankOutput in try input.ranked() },
        .task(
            "sensitivity", summary: "Says which weight, or value, would have to be otherwise to flip a ranking.",
            planning: TaskPlanning(
                keywords: ["sensitivity", "what would flip", "robust decision"], complexity: .low, durationSeconds: 1)
        ) { (_: Council, input: SensitivityInput, _: TaskContext) async throws -> SensitivityOutput in
            try input.examined()
        },
        .task(
            "hierarchy", summary: "Priorities from judgements in pairs, with their consistency (Saaty's AHP).",
            planning: TaskPlanning(
                keywords: ["ahp", "analytic hierarchy process", "pairwise comparison"], complexity: .low,
                durationSeconds: 1)
        ) { (_: Council, input: HierarchyInput, _: TaskContext) async throws -> HierarchyOutput in
            try input.weighed()
        },
        .task(
            "beliefs", summary: "Probabilities after evidence, and the action that is then worth most.",
            planning: TaskPlanning(
                keywords: ["bayes", "posterior", "expected utility", "value of information"], complexity: .low,
                durationSeconds: 1)
        ) { (_: Council, input: BeliefsInput, _: TaskContext) async throws -> BeliefsOutput in try input.updated() },
        .task(
            "network", summary: "Asks a small Bayesian network of yes/no questions, exactly.",
            planning: TaskPlanning(keywords: ["bayesian network", "bayes net"], complexity: .low, durationSeconds: 1)
        ) { (_: Council, input: NetworkInput, _: TaskContext) async throws -> NetworkOutput in try input.answered() },
        .task(
            "vote", summary: "Counts ranked ballots by plurality, Borda, Copeland, Condorcet and Schulze.",
            planning: TaskPlanning(
                keywords: ["vote", "ballot", "borda", "condorcet", "election"], complexity: .low, durationSeconds: 1)
        ) { (_: Council, input: VoteInput, _: TaskContext) async throws -> VoteOutput in try input.counted() },
        .task(
            "calibrate", summary: "How good executives' probabilities were: Brier score and its parts.",
            planning: TaskPlanning(
                keywords: ["calibration", "brier", "forecast quality"], complexity: .low, durationSeconds: 1)
        ) { (_: Council, input: CalibrateInput, _: TaskContext) async throws -> CalibrateOutput in
            try input.judged()
        },
        .task(
            "agreement", summary: "How far raters agree beyond chance (Fleiss' kappa).",
            planning: TaskPlanning(
                keywords: ["fleiss kappa", "agreement of raters"], complexity: .low, durationSeconds: 1)
        ) { (_: Council, input: AgreementInput, _: TaskContext) async throws -> AgreementOutput in
            try input.measured()
        },
    ]

    package init(configuration: Configuration) throws {}
}
