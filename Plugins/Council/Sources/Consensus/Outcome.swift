extension Session {
    /// MCDA by TOPSIS is the framework of this version for every complexity; `responsePattern` says how Cynefin would
    /// act on the answer.
    static let framework = "mcda"

    func outcome(
        _ evaluations: [Evaluation], verdict: Consensus.Verdict, attempts: Int, transcript: [TranscriptEntry]
    ) -> DecisionOutcome {
        let support = Consensus.support(evaluations), participation = Consensus.participation(evaluations)
        let isVetoed = evaluations.contains { $0.stance == .veto }
        var reason: String?
        if case .escalate(let why) = verdict { reason = why }
        let highRisk = evaluations.filter(\.highRisk).map(\.executive)
        let needsReview =
            support < 0.7 || reason != nil || !highRisk.isEmpty || request.complexityLevel.needsPerson
        let overall = evaluator.closeness(
            weights: Dictionary(
                request.criteria.map { ($0.id, $0.weight ?? 1) }, uniquingKeysWith: { first, _ in first }))
        var outcome = DecisionOutcome(
            decisionID: request.decisionID, query: request.query, status: reason == nil ? .accepted : .escalated,
            participatingExecutives: evaluations.filter { $0.stance != .abstain }.map(\.executive),
            selectedFramework: Self.framework, responsePattern: request.complexityLevel.responsePattern,
            consensusLevel: consensus.level(support: support, participation: participation, isVetoed: isVetoed),
            supportPercentage: support, participation: participation, resolutionAttempts: attempts,
            escalatedToHuman: reason != nil, escalationReason: reason, humanReviewRequired: needsReview,
            vetoes: evaluations.flatMap(\.vetoes), recommendation: recommendation(evaluations),
            ranking: overall.ranking.enumerated().map {
                RankedOption(
                    rank: $0 + 1, option: request.options[$1].id, closeness: overall.closeness[$1])
            },
            transcript: transcript)
        if needsReview { outcome.approval = approval(outcome, highRisk: highRisk) }
        return outcome
    }

    private func recommendation(_ evaluations: [Evaluation]) -> Recommendation {
        let analyses = evaluations.map {
            (
                $0.executive.rawValue,
                DomainAnalysis(
                    stance: $0.stance, score: $0.score, highRisk: $0.highRisk, findings: $0.findings)
            )
        }
        let leading = evaluations.first { $0.executive == lead.domain }
        return Recommendation(
            option: evaluator.proposal.id, leadExecutive: lead.domain, rationale: leading?.statement ?? "",
            domainSpecificAnalyses: Dictionary(analyses, uniquingKeysWith: { first, _ in first }))
    }

    private func approval(_ outcome: DecisionOutcome, highRisk: [Domain]) -> ApprovalCase {
        var lines = [
            request.query, "",
            "Proposal: **\(evaluator.proposal.title ?? evaluator.proposal.id)**."
                + " Support \(Wording.percent(outcome.supportPercentage))"
                + " of \(outcome.participatingExecutives.count) executives.",
        ]
        if let reason = outcome.escalationReason { lines.append("A person must decide: \(reason).") }
        if !highRisk.isEmpty {
            lines.append("High risk named by: \(highRisk.map(\.rawValue).joined(separator: ", ")).")
        }
        if request.complexityLevel.needsPerson {
            lines.append("The question is \(request.complexityLevel.rawValue): \(outcome.responsePattern).")
        }
        lines.append("")
        let last = outcome.transcript.last?.round ?? 0
        lines += outcome.transcript.filter { $0.round == last }.map { "- \($0.statement)" }
        return ApprovalCase(
            title: "Decide \(outcome.decisionID): \(evaluator.proposal.title ?? evaluator.proposal.id)",
            body: lines.joined(separator: "\n"))
    }
}
