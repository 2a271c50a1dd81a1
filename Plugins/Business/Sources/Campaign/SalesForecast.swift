package import PluginKit

package struct Deal: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var amountMinor: Int
    package var month: String
    package var stage: String

    enum CodingKeys: String, CodingKey {
        case name, month, stage
        case amountMinor = "amount_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "For a reader.", minLength: 1, maxLength: 200)
        schema.property("amount_minor", "What it would bring.", minimum: 0, maximum: 1e12)
        schema.property("month", "In which it would close, YYYY-MM.", pattern: "^[0-9]{4}-[0-9]{2}$")
        schema.property("stage", "One of the stages.", minLength: 1, maxLength: 60)
    }
}

package struct SalesStage: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var won: Int?
    package var lost: Int?
    package var probability: Double?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Unique in the list.", minLength: 1, maxLength: 60)
        schema.property("won", "Past deals that were in this stage and were won.", minimum: 0, maximum: 1e9)
        schema.property("lost", "Past deals that were in this stage and were lost.", minimum: 0, maximum: 1e9)
        schema.property("probability", "Instead of past deals.", minimum: 0, maximum: 1)
    }
}

package struct SalesForecastInput: Codable, Sendable, SchemaDescribing {
    package var deals: [Deal]
    package var stages: [SalesStage]
    package var targetMinor: Int?
    package var draws: Int?
    package var seed: Int?

    enum CodingKeys: String, CodingKey {
        case deals, stages, draws, seed
        case targetMinor = "target_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("deals", "Open ones.", minItems: 1, maxItems: 10_000)
        schema.property("stages", "How often deals are won from there.", minItems: 1, maxItems: 50)
        schema.property("target_minor", "To be reached in all months together.", minimum: 1, maximum: 1e15)
        schema.property("draws", "Of the simulation; 10,000 if absent.", minimum: 1_000, maximum: 100_000)
        schema.property("seed", "Equal seeds give equal answers; 1 if absent.", minimum: 0, maximum: 1e15)
    }
}

package struct SalesMonth: Codable, Sendable, SchemaDescribing {
    package var month: String
    package var deals: Int
    package var pipelineMinor: Int
    package var expectedMinor: Int
    package var deviationMinor: Int
    package var p10Minor: Int
    package var p50Minor: Int
    package var p90Minor: Int

    enum CodingKeys: String, CodingKey {
        case month, deals
        case pipelineMinor = "pipeline_minor"
        case expectedMinor = "expected_minor"
        case deviationMinor = "deviation_minor"
        case p10Minor = "p10_minor"
        case p50Minor = "p50_minor"
        case p90Minor = "p90_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("month", "YYYY-MM; all for the sum.")
        schema.property("deals", "That would close.")
        schema.property("pipeline_minor", "If all were won.")
        schema.property("expected_minor", "Amounts times probabilities, exact.")
        schema.property("deviation_minor", "Standard deviation, exact, with the stages' own uncertainty.")
        schema.property("p10_minor", "Nine of ten draws bring more.")
        schema.property("p50_minor", "Half of the draws bring more.")
        schema.property("p90_minor", "One of ten draws brings more.")
    }
}

package struct StageRate: Codable, Sendable, SchemaDescribing {
    package var stage: String
    package var probability: Double
    package var interval: Interval?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("stage", "As given.")
        schema.property("probability", "Mean: (won + ½) / (won + lost + 1), or as given.")
        schema.property("interval", "Wilson's at 95 %; absent for a given probability.")
    }
}

package struct SalesForecastOutput: Codable, Sendable, SchemaDescribing {
    package var stages: [StageRate]
    package var months: [SalesMonth]
    package var total: SalesMonth
    package var probabilityOfTarget: Double?
    package var largestDealShare: Double
    package var warnings: [String]
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case stages, months, total, warnings, evidence
        case probabilityOfTarget = "probability_of_target"
        case largestDealShare = "largest_deal_share"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("stages", "With their rates.")
        schema.property("months", "Those with deals, in order.")
        schema.property("total", "All months together.")
        schema.property("probability_of_target", "Share of the draws that reach it.")
        schema.property("largest_deal_share", "Of the expected sum.")
        schema.property("warnings", "What a reader must know.")
        schema.property("evidence", "What the figures rest on.")
    }
}

/// What open deals will bring: each won or lost as a whole, with the rate of its stage, which itself is known only as
/// well as past deals tell it (a beta distribution, so deals of one stage rise and fall together).
package enum SalesForecast {
    package static func evaluate(_ input: SalesForecastInput) throws(TaskFailure) -> SalesForecastOutput {
        let stages = try stages(input.stages)
        let deals = try deals(input.deals, stages)
        let draws = input.draws ?? 10_000
        guard deals.count * draws <= 200_000_000 else {
            throw .invalid("/draws: \(deals.count) deals times \(draws) draws are too many; 2·10^8 at most")
        }
        var chance = Chance(seed: UInt64(clamping: input.seed ?? 1))
        let months = Set(deals.map(\.month)).sorted()
        guard months.count <= 240 else { throw .invalid("/deals: more than 240 months") }
        let place = Dictionary(zip(months, months.indices), uniquingKeysWith: { first, _ in first })
        let places = deals.map { place[$0.month] ?? 0 }
        var sums = Array(repeating: Array(repeating: 0, count: draws), count: months.count + 1)
        for draw in 0..<draws {
            let rates = stages.map { $0.draw(&chance) }
            for (index, deal) in deals.enumerated() where chance.uniform() < rates[deal.stage] {
                sums[places[index]][draw] += deal.amount
                sums[months.count][draw] += deal.amount
            }
        }
        var rows: [SalesMonth] = []
        for (index, month) in months.enumerated() {
            rows.append(try row(month, deals.filter { $0.month == month }, stages, sums[index]))
        }
        let total = try row("all", deals, stages, sums[months.count])
        let expected = deals.map { Double($0.amount) * stages[$0.stage].mean }
        let whole = expected.reduce(0, +)
        var output = SalesForecastOutput(
            stages: stages.map(\.rate), months: rows, total: total,
            probabilityOfTarget: input.targetMinor.map { target in
                Double(sums[months.count].count { $0 >= target }) / Double(draws)
            },
            largestDealShare: whole > 0 ? (expected.max() ?? 0) / whole : 0, warnings: [], evidence: evidence(input))
        if output.largestDealShare > 0.3 {
            output.warnings.append("one deal is \(Format.percent(output.largestDealShare)) of the expected sum")
        }
        return output
    }

    private struct OpenDeal {
        var month: String
        var stage: Int
        var amount: Int
    }

    private struct Stage {
        let rate: StageRate
        /// Of the beta distribution; nil for a probability that was given.
        let shape: (won: Double, lost: Double)?

        var mean: Double { rate.probability }
        var variance: Double { shape.map { mean * (1 - mean) / ($0.won + $0.lost + 1) } ?? 0 }

        func draw(_ chance: inout Chance) -> Double {
            guard let shape else { return mean }
            let won = chance.gamma(shape.won), lost = chance.gamma(shape.lost)
            return won / (won + lost)
        }
    }

    private static func stages(_ given: [SalesStage]) throws(TaskFailure) -> [Stage] {
        var names: Set<String> = [], stages: [Stage] = []
        for (index, stage) in given.enumerated() {
            guard names.insert(stage.name).inserted else {
                throw .invalid("/stages/\(index)/name: \(stage.name) again")
            }
            switch (stage.probability, stage.won, stage.lost) {
            case (let probability?, nil, nil) where (0...1).contains(probability):
                stages.append(
                    Stage(
                        rate: StageRate(stage: stage.name, probability: probability, interval: nil), shape: nil))
            case (nil, let won?, let lost?)
            where won >= 0 && lost >= 0 && won <= 1_000_000_000 && lost <= 1_000_000_000:
                // Jeffreys' prior, so that 3 of 3 is not certain.
                let shape = (won: Double(won) + 0.5, lost: Double(lost) + 0.5)
                stages.append(
                    Stage(
                        rate: StageRate(
                            stage: stage.name, probability: shape.won / (shape.won + shape.lost),
                            interval: Proportion(won, of: won + lost).wilson(z: 1.959963984540054)), shape: shape))
            default: throw .invalid("/stages/\(index): give won and lost, or a probability from 0 to 1")
            }
        }
        return stages
    }

    private static func deals(_ given: [Deal], _ stages: [Stage]) throws(TaskFailure) -> [OpenDeal] {
        var deals: [OpenDeal] = []
        for (index, deal) in given.enumerated() {
            guard let stage = stages.firstIndex(where: { $0.rate.stage == deal.stage }) else {
                throw .invalid("/deals/\(index)/stage: \(deal.stage) is none of the stages")
            }
            guard CivilDate(deal.month + "-01") != nil else {
                throw .invalid("/deals/\(index)/month: \(deal.month) is no month")
            }
            guard (0...1_000_000_000_000).contains(deal.amountMinor) else {
                throw .invalid("/deals/\(index)/amount_minor: must be 0 to 10^12")
            }
            deals.append(OpenDeal(month: deal.month, stage: stage, amount: deal.amountMinor))
        }
        guard !deals.isEmpty else { throw .invalid("/deals: none") }
        return deals
    }

    private static func row(
        _ month: String, _ deals: [OpenDeal], _ stages: [Stage], _ sums: [Int]
    ) throws(TaskFailure) -> SalesMonth {
        let sorted = sums.sorted()
        func quantile(_ share: Double) -> Int { sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))] }
        var expected = 0.0, variance = 0.0, byStage = Array(repeating: 0.0, count: stages.count)
        for deal in deals {
            let amount = Double(deal.amount), stage = stages[deal.stage], mean = stage.mean
            expected += amount * mean
            // Var = Σ a² E[p(1 − p)] + Var(p) (Σ a)² for each stage, by the law of total variance.
            variance += amount * amount * (mean * (1 - mean) - stage.variance)
            byStage[deal.stage] += amount
        }
        for (stage, amount) in zip(stages, byStage) { variance += stage.variance * amount * amount }
        return SalesMonth(
            month: month, deals: deals.count, pipelineMinor: deals.reduce(0) { $0 + $1.amount },
            expectedMinor: try Amount.rounded(expected),
            deviationMinor: try Amount.rounded(max(0, variance).squareRoot()), p10Minor: quantile(0.1),
            p50Minor: quantile(0.5), p90Minor: quantile(0.9))
    }

    private static func evidence(_ input: SalesForecastInput) -> Evidence {
        Evidence(
            method: "stage-weighted pipeline; beta-Bernoulli simulation, splitmix64, seed \(input.seed ?? 1)",
            source: "Jeffreys 1946 for the prior; Marsaglia and Tsang 2000 for gamma variates",
            inputs: ["\(input.deals.count) open deals, \(input.stages.count) stages, \(input.draws ?? 10_000) draws"],
            assumptions: [
                "an open deal is like past ones of its stage", "it closes in its month or not at all",
                "given the rates, deals are independent",
            ],
            uncertainty: "p10 to p90 hold the result in four of five cases if the assumptions hold; shares from draws"
                + " are off by up to ±\(Format.percent(1 / Double(input.draws ?? 10_000).squareRoot(), decimals: 1))")
    }
}
