package import PluginKit

/// Brings shares back to their targets, in whole units, with costs paid from the cash at hand.
package enum Rebalancing {
    package static func evaluate(_ input: RebalanceInput) throws(TaskFailure) -> RebalanceOutput {
        let cost = try TradingCost(rate: input.costRate, perTrade: input.costPerTradeMinor)
        let values = try values(input)
        var total = input.cashMinor
        for value in values { total = try Amount.sum(total, value) }
        guard total > 0 else { throw .invalid("/holdings: holdings and cash are worth nothing") }
        let band = input.band ?? 0
        guard (0...1).contains(band) else { throw .invalid("/band: must be 0 to 1") }
        let orders = zip(input.holdings, values).map { holding, value in
            guard abs(Double(value) / Double(total) - holding.target) > band else { return 0 }
            // Below 10^15 whole units, so the rounding is safe.
            let wanted = (holding.target * Double(total) / Double(holding.priceMinor)).rounded()
            return Int(wanted) - holding.units
        }
        let settled = try Settlement.settle(
            orders, prices: input.holdings.map(\.priceMinor), cash: input.cashMinor, cost: cost)
        return try output(input, values, total, settled.fills, settled.cash)
    }

    private static func values(_ input: RebalanceInput) throws(TaskFailure) -> [Int] {
        var values: [Int] = [], names: Set<String> = [], targets = 0.0
        guard (0...Amount.limit).contains(input.cashMinor) else { throw .invalid("/cash_minor: is negative") }
        for (index, holding) in input.holdings.enumerated() {
            guard names.insert(holding.name).inserted else {
                throw .invalid("/holdings/\(index)/name: \(holding.name) occurs twice")
            }
            guard holding.units >= 0, holding.priceMinor > 0, (0...1).contains(holding.target) else {
                throw .invalid("/holdings/\(index): units and target must not be negative, the price above 0")
            }
            values.append(try Amount.product(holding.units, holding.priceMinor))
            targets += holding.target
        }
        guard targets <= 1 + 1e-9 else { throw .invalid("/holdings: the targets sum to \(targets), more than 1") }
        return values
    }

    private static func output(
        _ input: RebalanceInput, _ values: [Int], _ total: Int, _ fills: [Settlement.Fill], _ cash: Int
    ) throws(TaskFailure) -> RebalanceOutput {
        var units = input.holdings.map(\.units), costs = 0, traded = 0
        for fill in fills {
            units[fill.asset] += fill.units
            costs = try Amount.sum(costs, fill.cost)
            traded = try Amount.sum(traded, abs(fill.amount))
        }
        let after = Double(max(1, total - costs))
        let rows = input.holdings.enumerated().map { index, holding in
            HoldingAfter(
                name: holding.name, units: units[index], shareBefore: Double(values[index]) / Double(total),
                shareAfter: Double(units[index]) * Double(holding.priceMinor) / after, target: holding.target)
        }
        return RebalanceOutput(
            trades: fills.map {
                Trade(
                    name: input.holdings[$0.asset].name, units: $0.units, amountMinor: $0.amount, costMinor: $0.cost)
            },
            holdings: rows, cashMinor: cash, costMinor: costs, turnover: Double(traded) / 2 / Double(total),
            evidence: Evidence(
                method: "trade to target outside a no-trade band",
                source: "Donohue and Yip, \"Optimal portfolio rebalancing with transaction costs\", 2003",
                inputs: ["\(input.holdings.count) holdings worth \(total) with cash"],
                assumptions: [
                    "Prices are those that are given; costs are a rate and a fixed part, rounded half away.",
                    "Buys are cut by one factor if the cash does not pay for them; a sale that costs more than it"
                        + " brings is left undone.",
                ],
                uncertainty: "Shares miss their targets by at most about one unit and the costs."))
    }
}

package enum Concentration {
    /// The Herfindahl-Hirschman index on the scale of the US Department of Justice, 0 to 10,000.
    package static func evaluate(_ input: ConcentrationInput) throws(TaskFailure) -> ConcentrationOutput {
        if let bad = input.amounts.firstIndex(where: { !$0.isFinite || $0 < 0 || $0 > 1e15 }) {
            throw .invalid("/amounts/\(bad): must be 0 to 10^15")
        }
        let total = input.amounts.reduce(0, +)
        guard total > 0 else { throw .invalid("/amounts: sum to nothing") }
        let index = input.amounts.reduce(0) { $0 + ($1 / total) * ($1 / total) }
        return ConcentrationOutput(
            herfindahl: index * 10_000, effectiveNumber: 1 / index,
            evidence: Evidence(
                method: "Herfindahl-Hirschman index",
                source: "US Department of Justice and Federal Trade Commission, Merger Guidelines 2023, 2.1",
                inputs: ["\(input.amounts.count) amounts"], assumptions: ["Amounts are the whole of the market."],
                uncertainty: "None beyond the amounts."))
    }
}
