package import PluginKit

/// Base, scenarios, break-even and tornado from one table.
package enum BusinessCase {
    package static func evaluate(_ input: BusinessCaseInput) throws(TaskFailure) -> BusinessCaseOutput {
        try check(input)
        let table = try CashFlowTable(input)
        let base = try table.evaluation()
        var scenarios: [ScenarioResult] = []
        for scenario in input.scenarios ?? [] {
            let evaluation = try CashFlowTable(input, World(scenario)).evaluation()
            scenarios.append(
                ScenarioResult(
                    name: scenario.name, probability: scenario.probability,
                    npvChangeMinor: evaluation.npvMinor - base.npvMinor, evaluation: evaluation))
        }
        let weighted = try expectation(scenarios)
        return BusinessCaseOutput(
            title: input.title, currency: input.currency, base: base, scenarios: scenarios,
            expectedNpvMinor: weighted?.npv, lossProbability: weighted?.loss, breakEven: try table.breakEven(),
            sensitivity: try Sensitivity.bars(input, change: input.sensitivityChange ?? 0.2), rows: table.rows,
            conventions: conventions(input))
    }

    private static func check(_ input: BusinessCaseInput) throws(TaskFailure) {
        for (index, period) in input.periods.enumerated() {
            if let date = period.date, CivilDate(date) == nil {
                throw .invalid("/periods/\(index)/date: \(date) is not a day of the calendar")
            }
        }
        let dates = input.periods.compactMap { $0.date.flatMap(CivilDate.init) }
        if zip(dates, dates.dropFirst()).contains(where: { $0 >= $1 }) {
            throw .invalid("/periods: dates must ascend")
        }
        let names = (input.scenarios ?? []).map(\.name)
        if Set(names).count != names.count { throw .invalid("/scenarios: each name must be unique") }
        let probabilities = (input.scenarios ?? []).compactMap(\.probability)
        if !probabilities.isEmpty, probabilities.count == names.count, abs(probabilities.reduce(0, +) - 1) > 1e-9 {
            throw .invalid("/scenarios: the probabilities sum to \(probabilities.reduce(0, +)), not to 1")
        }
    }

    /// Probabilities count only if every scenario has one.
    private static func expectation(
        _ scenarios: [ScenarioResult]
    ) throws(TaskFailure) -> (npv: Int, loss: Double)? {
        let probabilities = scenarios.compactMap(\.probability)
        guard !scenarios.isEmpty, probabilities.count == scenarios.count else { return nil }
        var npv = 0.0, loss = 0.0
        for (scenario, probability) in zip(scenarios, probabilities) {
            npv += probability * Double(scenario.evaluation.npvMinor)
            if scenario.evaluation.npvMinor < 0 { loss += probability }
        }
        return (try Amount.rounded(npv), loss)
    }

    private static func conventions(_ input: BusinessCaseInput) -> [String] {
        [
            "Row 0 is today and is not discounted; row n is discounted n periods"
                + " at (1 + annual rate)^(1/\(input.periodsPerYear)) - 1.",
            "Amounts are exact integers of the minor unit; present values are rounded once, half away from zero.",
            "XNPV and XIRR count days/365 from the first date.",
            "Payback interpolates linearly inside the period in which the running sum turns for good.",
        ]
    }
}
