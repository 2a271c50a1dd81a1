/// Sentences made of the numbers, nothing else.
enum Wording {
    static func findings(_ limits: [Evaluator.ActiveLimit], proposal: Option) -> [String] {
        limits.map { limit in
            let isCost = limit.criterion.kind == .cost
            let beyondRed = isCost ? limit.value > limit.redLine : limit.value < limit.redLine
            let beyondWarning = isCost ? limit.value > limit.warning : limit.value < limit.warning
            let place = beyondRed ? "beyond the red line" : beyondWarning ? "beyond the warning" : "within limits"
            return "\(limit.criterion.id) \(number(limit.value)) is \(place)"
                + " (warning \(number(limit.warning)), red line \(number(limit.redLine)))"
        }
    }

    static func statement(
        _ evaluation: Evaluation, _ executive: Executive, proposal: Option, request: DecisionRequest
    ) -> String {
        let name = evaluation.executive.rawValue
        if let veto = evaluation.vetoes.first {
            return "\(name): \(veto.criterion) of '\(proposal.id)' is \(number(veto.value)), beyond the red line"
                + " \(number(veto.redLine))" + (veto.blocking ? "; veto." : "; vetoes are off, so a rejection.")
        }
        let heaviest = evaluation.weights.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(2)
            .map { "\($0.key) \(number(proposal.values[$0.key] ?? 0))" }.joined(separator: ", ")
        let measure = executive.manner == .advocate ? "closeness" : "clearance"
        let preference =
            executive.manner == .advocate && evaluation.favourite != proposal.id
            ? "; it ranks '\(evaluation.favourite)' first" : ""
        return "\(name): \(evaluation.stance.rawValue) '\(proposal.id)' with \(measure) \(number(evaluation.score))"
            + " (\(heaviest))\(preference)."
    }

    /// Two decimals below a hundred, none above, and no sign on zero.
    static func number(_ value: Double) -> String {
        guard abs(value) < 1e15 else { return "\(value)" }
        if abs(value) >= 100 { return "\(Int(value.rounded()))" }
        let hundredths = Int((value * 100).rounded())
        let fraction = abs(hundredths) % 100
        return (hundredths < 0 ? "-" : "") + "\(abs(hundredths) / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }

    static func percent(_ value: Double) -> String { "\(Int((value * 100).rounded())) %" }
}
