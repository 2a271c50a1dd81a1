import PluginKit

/// One sitting of the council: the lead proposes, all judge in parallel, weights move until there is a verdict.
struct Session: Sendable {
    let request: DecisionRequest
    let executives: [Executive]
    let lead: Executive
    let evaluator: Evaluator
    let consensus: Consensus

    init(_ request: DecisionRequest) throws(TaskFailure) {
        try Checks.check(request)
        executives = Selection.executives(request)
        guard let lead = Selection.lead(request, among: executives) else {
            throw .invalid("no enabled executive is left to decide")
        }
        guard let first = request.options.first else { throw .invalid("/options: empty") }
        let trial = Evaluator(request: request, proposal: first)
        let weights = trial.initialWeights(lead)
        let favourite = trial.closeness(weights: weights).ranking.first.map { request.options[$0] } ?? first
        let proposal = request.options.first { $0.id == request.proposal } ?? favourite
        self.request = request
        self.lead = lead
        evaluator = Evaluator(request: request, proposal: proposal)
        consensus = Consensus(request.settings)
    }

    func decide(_ context: TaskContext) async throws -> DecisionOutcome {
        var weights = executives.map { evaluator.initialWeights($0) }
        var transcript: [TranscriptEntry] = []
        var attempts = 0
        while true {
            let evaluations = try await vote(context, weights: weights, round: attempts)
            transcript += record(evaluations, round: attempts)
            let support = Consensus.support(evaluations)
            let verdict = consensus.verdict(
                support: support, participation: Consensus.participation(evaluations),
                isVetoed: evaluations.contains { $0.stance == .veto }, attempts: attempts)
            context.progress(
                Double(attempts + 1) / Double(consensus.maxResolutionAttempts + 1),
                "round \(attempts): support \(Wording.percent(support))")
            guard verdict == .resolve else {
                return outcome(evaluations, verdict: verdict, attempts: attempts, transcript: transcript)
            }
            attempts += 1
            weights = moved(weights)
        }
    }

    /// Abstainers hold no opinion, so they neither move nor are listened to.
    private func moved(_ weights: [[String: Double]]) -> [[String: Double]] {
        var next = DeGroot.moved(weights.filter { !$0.isEmpty }, criteria: request.criteria.map(\.id)).makeIterator()
        return weights.map { $0.isEmpty ? $0 : next.next() ?? $0 }
    }

    /// All executives at once, in batches no larger than the setting; one named step each.
    private func vote(
        _ context: TaskContext, weights: [[String: Double]], round: Int
    ) async throws -> [Evaluation] {
        let width = max(1, request.settings?.maxParallelExecutives ?? 10)
        var evaluations: [Evaluation] = []
        for start in stride(from: 0, to: executives.count, by: width) {
            let batch = start..<min(start + width, executives.count)
            evaluations += try await withThrowingTaskGroup(of: (Int, Evaluation).self) { group in
                for index in batch {
                    let executive = executives[index], own = weights[index]
                    let suffix = round == 0 ? "" : "-round-\(round)"
                    group.addTask {
                        let evaluation = try await context.step(
                            "executive-\(executive.domain.rawValue)\(suffix)", dependsOn: own
                        ) { evaluator.evaluate(executive, weights: own) }
                        return (index, evaluation)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
            }
        }
        return evaluations
    }

    private func record(_ evaluations: [Evaluation], round: Int) -> [TranscriptEntry] {
        let entries = evaluations.map {
            TranscriptEntry(
                round: round, executive: $0.executive, role: $0.executive == lead.domain ? .lead : .evaluator,
                stance: $0.stance, score: $0.score, statement: $0.statement)
        }
        return entries.filter { $0.role == .lead } + entries.filter { $0.role == .evaluator }
    }
}
