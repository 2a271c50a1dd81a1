import PluginKit

/// Orders by steps from simple ones, the least AICc first (Hyndman and Khandakar 2008). How often to difference is
/// decided by the least standard deviation, as Box and Jenkins advise.
enum ArimaSearch {
    private static let maximumFits = 24

    static func best(_ values: [Double], period: Int) throws(TaskFailure) -> Arima {
        let (d, seasonalD) = differences(values, period)
        let isSeasonal = period > 1 && values.count >= 3 * period && period <= 24
        var tried: Set<[Int]> = [], best: Arima?, firstFailure: TaskFailure?
        func attempt(_ orders: [Int]) {
            guard tried.count < maximumFits, tried.insert(orders).inserted, orders.allSatisfy({ $0 >= 0 }),
                orders[0] <= 3, orders[1] <= 3, orders[2] <= 1, orders[3] <= 1
            else { return }
            let order = ArimaOrder(
                orders[0], d, orders[1], (orders[2], seasonalD, orders[3]), constant: orders[4] == 1)
            do throws(TaskFailure) {
                let fit = try Arima(values, order, period: period)
                if fit.aicc < best?.aicc ?? .infinity { best = fit }
            } catch {
                firstFailure = firstFailure ?? error
            }
        }
        let constant = d + seasonalD == 0 ? 1 : 0, seasonal = isSeasonal ? 1 : 0
        for start in [[0, 1, 0, seasonal], [1, 0, seasonal, 0], [0, 0, 0, 0], [1, 1, 0, seasonal]] {
            attempt(start + [constant])
        }
        while let current = best, tried.count < maximumFits {
            let o = current.order, at = [o.p, o.q, o.seasonalP ?? 0, o.seasonalQ ?? 0, o.hasConstant ? 1 : 0]
            for index in 0..<(isSeasonal ? 4 : 2) {
                for change in [-1, 1] {
                    var next = at
                    next[index] += change
                    attempt(next)
                }
            }
            if d + seasonalD == 1 {
                var next = at
                next[4] = 1 - next[4]
                attempt(next)
            }
            if best?.aicc == current.aicc { break }
        }
        guard let best else {
            throw firstFailure ?? .invalid("/values: no ARIMA model fits")
        }
        return best
    }

    private static func differences(_ values: [Double], _ period: Int) -> (Int, Int) {
        func lagged(_ x: [Double], _ lag: Int) -> [Double] { (lag..<x.count).map { x[$0] - x[$0 - lag] } }
        var current = values, seasonal = 0, plain = 0
        if period > 1, values.count >= 3 * period, period <= 24 {
            let next = lagged(values, period)
            if Descriptive.variance(next) < Descriptive.variance(lagged(values, 1)) {
                (current, seasonal) = (next, 1)
            }
        }
        while plain < 2 - seasonal, current.count > 8 {
            let next = lagged(current, 1)
            guard Descriptive.variance(next) < Descriptive.variance(current) else { break }
            current = next
            plain += 1
        }
        return (plain, seasonal)
    }
}
