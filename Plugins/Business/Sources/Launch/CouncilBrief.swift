import PluginKit

/// The table that the council decides on: computed criteria first, judged ones after.
struct CouncilBrief: Sendable {
    let input: LaunchInput
    let cases: [String: FinanceCase]
    let marketDemand: Double
    let deliveryProbability: Double?

    // The ids of `LaunchChecks.computedCriteria`, with their directions.
    private static let computed: [(id: String, kind: String)] = [
        ("npv", "benefit"), ("loss_probability", "cost"), ("capital_at_risk", "cost"),
        ("market_demand", "benefit"), ("delivery_probability", "benefit"),
    ]

    func request() throws(TaskFailure) -> CouncilRequest {
        let council = input.council
        let computed = Self.computed.map {
            CouncilRequest.Criterion(id: $0.id, kind: $0.kind, weight: council.weights?[$0.id] ?? 1)
        }
        let judged = council.ratings.map {
            CouncilRequest.Criterion(id: $0.id, kind: $0.kind, weight: $0.weight ?? 1)
        }
        return CouncilRequest(
            decisionID: "launch-" + Self.slug(input.idea.title), query: "Shall we launch: \(input.idea.title)?",
            complexityLevel: council.complexityLevel, context: council.context,
            requiredDomains: council.requiredDomains, criteria: computed + judged,
            options: council.options.map { CouncilRequest.Option(id: $0.id, title: $0.title, values: values($0)) },
            settings: council.settings)
    }

    /// A judged value, or 0 for an option that does nothing; council refuses a value that is missing.
    private func values(_ option: LaunchOption) -> [String: Double] {
        var values = computedValues(option)
        for rating in input.council.ratings {
            values[rating.id] = rating.values[option.id] ?? (option.isNothing == true ? 0 : nil)
        }
        return values
    }

    /// NPV and capital in whole units of the currency. Doing nothing earns, risks and promises nothing, and that much
    /// is certain to be delivered. Without probabilities of scenarios, the share of scenarios with a loss counts.
    private func computedValues(_ option: LaunchOption) -> [String: Double] {
        guard option.isNothing != true, let finance = cases[option.id] else {
            return [
                "npv": 0, "loss_probability": 0, "capital_at_risk": 0, "market_demand": 0, "delivery_probability": 1,
            ]
        }
        let losses = finance.scenarios.count { $0.evaluation.npvMinor < 0 }
        let share =
            finance.scenarios.isEmpty
            ? (finance.base.npvMinor < 0 ? 1 : 0) : Double(losses) / Double(finance.scenarios.count)
        return [
            "npv": Double(finance.base.npvMinor) / 100,
            "loss_probability": finance.lossProbability ?? share,
            "capital_at_risk": Double(max(0, -finance.base.lowestCumulativeMinor)) / 100,
            "market_demand": marketDemand,
            "delivery_probability": deliveryProbability ?? 0,
        ]
    }

    /// Lower-case letters and digits, the rest as single hyphens.
    static func slug(_ text: String) -> String {
        text.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }.joined(separator: "-")
    }
}
