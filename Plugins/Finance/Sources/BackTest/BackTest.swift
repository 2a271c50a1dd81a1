package import PluginKit

/// Runs a rule over past prices. At each close the orders of the day before are done at this close's prices; then the
/// rule sees the closes up to this one and decides for the next.
package enum BackTest {
    package static func evaluate(_ input: BackTestInput) throws(TaskFailure) -> BackTestOutput {
        try check(input)
        var account = try Account(input)
        for day in input.dates.indices { try account.close(day) }
        let days = account.days
        let risk = try Risk.evaluate(
            RiskInput(
                returns: zip(days, days.dropFirst()).map { Double($1.valueMinor) / Double($0.valueMinor) - 1 },
                periodsPerYear: input.periodsPerYear ?? 252, riskFreeAnnual: input.riskFreeAnnual, confidence: nil,
                valueMinor: nil))
        let last = input.dates.count - 1
        let gains = input.assets.map { Double($0.pricesMinor[last]) / Double($0.pricesMinor[1]) - 1 }
        return BackTestOutput(
            days: days, trades: account.trades, costMinor: account.costs,
            totalReturn: Double(days[last].valueMinor) / Double(input.cashMinor) - 1,
            benchmarkReturn: gains.reduce(0, +) / Double(gains.count), risk: risk, evidence: evidence(input))
    }

    private static func check(_ input: BackTestInput) throws(TaskFailure) {
        guard (3...20_000).contains(input.dates.count) else { throw .invalid("/dates: must be 3 to 20000") }
        guard (1...100).contains(input.assets.count) else { throw .invalid("/assets: must be 1 to 100") }
        guard (1...Int(1e15)).contains(input.cashMinor) else { throw .invalid("/cash_minor: must be 1 to 10^15") }
        var last: CivilDate?
        for (index, text) in input.dates.enumerated() {
            let date = try CivilDate.parse(text, at: "/dates/\(index)")
            if let last, date <= last { throw .invalid("/dates/\(index): dates must ascend") }
            last = date
        }
        var names: Set<String> = []
        for (index, asset) in input.assets.enumerated() {
            guard names.insert(asset.name).inserted else {
                throw .invalid("/assets/\(index)/name: \(asset.name) occurs twice")
            }
            guard asset.pricesMinor.count == input.dates.count else {
                throw .invalid(
                    "/assets/\(index)/prices_minor: \(asset.pricesMinor.count) prices for \(input.dates.count) dates")
            }
            if let bad = asset.pricesMinor.firstIndex(where: { !(1...1_000_000_000_000).contains($0) }) {
                throw .invalid("/assets/\(index)/prices_minor/\(bad): must be 1 to 10^12")
            }
        }
        try input.strategy.check(assets: input.assets.count, days: input.dates.count)
    }

    private static func evidence(_ input: BackTestInput) -> Evidence {
        Evidence(
            method: "\(input.strategy.kind.rawValue), decided at a close and done at the next one",
            source: "moving averages: Brock, Lakonishok and LeBaron 1992; momentum: Jegadeesh and Titman 1993",
            inputs: ["\(input.assets.count) assets, \(input.dates.count) closes"],
            assumptions: [
                "Whole units, no borrowing, no short sales; cash earns nothing.",
                "The price is not moved by the trade; costs are a rate and a fixed part.",
                "The rule is given the closes up to its day only.",
            ],
            uncertainty: "A past that was chosen after the fact flatters a rule; the standard error of the Sharpe"
                + " ratio is given, and trying many rules makes the best one look better than it is.")
    }
}

/// Cash and holdings as the days pass.
private struct Account {
    let input: BackTestInput
    let cost: TradingCost
    var cash: Int
    var units: [Int]
    var orders: [Int]?
    var history: PriceHistory
    var days: [BackTestDay] = []
    var trades: [BackTestTrade] = []
    var costs = 0

    init(_ input: BackTestInput) throws(TaskFailure) {
        self.input = input
        cost = try TradingCost(rate: input.costRate, perTrade: input.costPerTradeMinor)
        cash = input.cashMinor
        units = .init(repeating: 0, count: input.assets.count)
        history = PriceHistory(assets: input.assets.count)
    }

    mutating func close(_ day: Int) throws(TaskFailure) {
        let prices = input.assets.map { $0.pricesMinor[day] }
        try carryOut(day, prices)
        history.append(prices)
        var value = cash
        for (held, price) in zip(units, prices) { value = try Amount.sum(value, Amount.product(held, price)) }
        guard value > 0 else { throw .invalid("/cash_minor: costs have eaten everything on \(input.dates[day])") }
        days.append(BackTestDay(date: input.dates[day], valueMinor: value, cashMinor: cash))
        orders = input.strategy.weights(history).map { weights in
            weights.indices.map { asset in
                Int((weights[asset] * Double(value) / Double(prices[asset]) + 1e-9).rounded(.down)) - units[asset]
            }
        }
    }

    private mutating func carryOut(_ day: Int, _ prices: [Int]) throws(TaskFailure) {
        guard let orders else { return }
        let settled = try Settlement.settle(orders, prices: prices, cash: cash, cost: cost)
        cash = settled.cash
        for fill in settled.fills {
            units[fill.asset] += fill.units
            costs = try Amount.sum(costs, fill.cost)
            trades.append(
                BackTestTrade(
                    decided: input.dates[day - 1], done: input.dates[day], name: input.assets[fill.asset].name,
                    units: fill.units, priceMinor: prices[fill.asset], costMinor: fill.cost))
        }
        self.orders = nil
    }
}
