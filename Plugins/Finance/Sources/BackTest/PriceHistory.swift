import PluginKit

/// The prices up to today, and nothing else: a rule that is given this cannot look ahead, since later prices are not
/// in it. Running sums make a mean as cheap as two look-ups.
struct PriceHistory {
    private var prices: [[Int]]
    private var sums: [[Int]]

    /// Closes seen so far.
    private(set) var count = 0

    init(assets: Int) {
        prices = .init(repeating: [], count: assets)
        sums = .init(repeating: [0], count: assets)
    }

    var assets: Range<Int> { prices.indices }

    mutating func append(_ closes: [Int]) {
        for (asset, close) in closes.enumerated() {
            prices[asset].append(close)
            // At most 20,000 prices of at most 10^12.
            sums[asset].append(sums[asset][count] + close)
        }
        count += 1
    }

    /// The close so many days ago; 0 is today.
    func close(_ asset: Int, daysAgo: Int) -> Int { prices[asset][count - 1 - daysAgo] }

    /// The mean of the last closes.
    func mean(_ asset: Int, days: Int) -> Double {
        Double(sums[asset][count] - sums[asset][count - days]) / Double(days)
    }
}

/// What share of the whole each asset should have from what is known today; nil: leave everything as it is.
extension StrategyRule {
    func weights(_ history: PriceHistory) -> [Double]? {
        let equal = 1 / Double(history.assets.count), today = history.count - 1
        guard today % (kind == .buyAndHold ? Int.max : every ?? 1) == 0 else { return nil }
        switch kind {
        case .buyAndHold, .equalWeight: return history.assets.map { _ in equal }
        case .movingAverage:
            guard let fast, let slow, history.count >= slow else { return nil }
            return history.assets.map { history.mean($0, days: fast) > history.mean($0, days: slow) ? equal : 0 }
        case .momentum:
            guard let lookback, history.count > lookback else { return nil }
            let gains = history.assets.map { asset in
                Double(history.close(asset, daysAgo: 0)) / Double(history.close(asset, daysAgo: lookback)) - 1
            }
            let held = history.assets.sorted { gains[$0] > gains[$1] }.prefix(top ?? 1).filter { gains[$0] > 0 }
            var weights = history.assets.map { _ in 0.0 }
            for asset in held { weights[asset] = 1 / Double(top ?? 1) }
            return weights
        }
    }

    func check(assets: Int, days: Int) throws(TaskFailure) {
        guard (1...10_000).contains(every ?? 1) else { throw .invalid("/strategy/every: must be 1 to 10000") }
        switch kind {
        case .buyAndHold, .equalWeight: return
        case .movingAverage:
            guard let fast, let slow, 1 <= fast, fast < slow, slow < days else {
                throw .invalid("/strategy: moving_average needs fast < slow, and more than slow dates")
            }
        case .momentum:
            guard let lookback, 1 <= lookback, lookback < days - 1, (1...assets).contains(top ?? 1) else {
                throw .invalid("/strategy: momentum needs a lookback shorter than the dates, and top within the assets")
            }
        }
    }
}
