import PluginKit

/// What trading costs.
struct TradingCost {
    let rate: Double
    let perTrade: Int

    init(rate: Double?, perTrade: Int?) throws(TaskFailure) {
        self.rate = rate ?? 0
        self.perTrade = perTrade ?? 0
        guard (0...0.5).contains(self.rate) else { throw .invalid("/cost_rate: must be 0 to 0.5") }
        guard (0...1_000_000_000_000).contains(self.perTrade) else {
            throw .invalid("/cost_per_trade_minor: must be 0 to 10^12")
        }
    }

    func of(_ amount: Int) throws(TaskFailure) -> Int {
        amount == 0 ? 0 : try Amount.sum(Amount.rounded(Double(abs(amount)) * rate), perTrade)
    }
}

/// Carries out orders in whole units from the cash at hand: sales first, then as much of the buys, all cut by one
/// factor, as the cash pays with its costs.
enum Settlement {
    struct Fill {
        var asset: Int
        var units: Int
        var amount: Int
        var cost: Int
    }

    static func settle(
        _ orders: [Int], prices: [Int], cash: Int, cost: TradingCost
    ) throws(TaskFailure) -> (fills: [Fill], cash: Int) {
        var fills: [Fill] = [], cash = cash
        for (asset, units) in orders.enumerated() where units < 0 {
            let fill = try fill(asset, units, prices[asset], cost)
            // A sale that costs more than it brings is left undone.
            guard -fill.amount > fill.cost else { continue }
            fills.append(fill)
            cash = try Amount.sum(cash, -fill.amount, -fill.cost)
        }
        let buys = try affordable(orders, prices, cash, cost)
        for buy in buys { cash = try Amount.sum(cash, -buy.amount, -buy.cost) }
        return (fills + buys, cash)
    }

    private static func fill(
        _ asset: Int, _ units: Int, _ price: Int, _ cost: TradingCost
    ) throws(TaskFailure) -> Fill {
        let amount = try Amount.product(units, price)
        return Fill(asset: asset, units: units, amount: amount, cost: try cost.of(amount))
    }

    private static func affordable(
        _ orders: [Int], _ prices: [Int], _ cash: Int, _ cost: TradingCost
    ) throws(TaskFailure) -> [Fill] {
        func buys(_ part: Int) throws(TaskFailure) -> (fills: [Fill], total: Int) {
            var fills: [Fill] = [], total = 0
            for (asset, units) in orders.enumerated() where units > 0 {
                let cut = Int((Int128(units) * Int128(part)) >> 20)
                guard cut > 0 else { continue }
                let fill = try fill(asset, cut, prices[asset], cost)
                fills.append(fill)
                total = try Amount.sum(total, fill.amount, fill.cost)
            }
            return (fills, total)
        }
        let all = try buys(1 << 20)
        if all.total <= cash { return all.fills }
        var low = 0, high = 1 << 20
        while high - low > 1 {
            let middle = (low + high) / 2
            if try buys(middle).total <= cash { low = middle } else { high = middle }
        }
        return try buys(low).fills
    }
}
