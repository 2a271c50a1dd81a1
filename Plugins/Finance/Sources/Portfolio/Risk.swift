import Glibc
package import PluginKit

/// Risk of a series of returns of equal periods.
package enum Risk {
    package static func evaluate(_ input: RiskInput) throws(TaskFailure) -> RiskOutput {
        try check(input)
        let returns = input.returns, perYear = input.periodsPerYear, confidence = input.confidence ?? 0.95
        let moments = Moments(returns)
        let free = expm1(log1p(input.riskFreeAnnual ?? 0) / perYear)
        let shortfall = returns.reduce(0) { $0 + min(0, $1 - free) * min(0, $1 - free) } / Double(returns.count)
        let excess = moments.mean - free
        let sharpe = moments.deviation > 0 ? excess / moments.deviation : nil
        let growth = returns.reduce(0) { $0 + log1p($1) }
        let historical = historical(returns, confidence)
        return RiskOutput(
            meanAnnual: moments.mean * perYear,
            compoundAnnual: growth.isFinite ? expm1(growth / Double(returns.count) * perYear) : nil,
            volatilityAnnual: moments.deviation * perYear.squareRoot(),
            downsideAnnual: shortfall.squareRoot() * perYear.squareRoot(),
            sharpe: sharpe.map { $0 * perYear.squareRoot() },
            sharpeStandardError: sharpe.map {
                ((1 + $0 * $0 / 2) / Double(returns.count)).squareRoot() * perYear.squareRoot()
            },
            sortino: shortfall > 0 ? excess / shortfall.squareRoot() * perYear.squareRoot() : nil,
            skewness: moments.skewness, excessKurtosis: moments.excessKurtosis, drawdown: drawdown(returns),
            historical: historical, normal: normal(moments, confidence),
            cornishFisherValueAtRisk: cornishFisher(moments, confidence),
            valueAtRiskMinor: try input.valueMinor.map { value throws(TaskFailure) in
                try Amount.rounded(Double(value) * historical.valueAtRisk)
            },
            evidence: evidence(input, confidence))
    }

    private static func check(_ input: RiskInput) throws(TaskFailure) {
        guard input.returns.count >= 2 else { throw .invalid("/returns: two or more are needed") }
        if let bad = input.returns.firstIndex(where: { !$0.isFinite || $0 < -1 || $0 > 1_000 }) {
            throw .invalid("/returns/\(bad): \(input.returns[bad]) is no return; 0.01 is 1 %, the least is -1")
        }
        guard (1...366).contains(input.periodsPerYear) else { throw .invalid("/periods_per_year: must be 1 to 366") }
        guard (0.5...0.9999).contains(input.confidence ?? 0.95) else {
            throw .invalid("/confidence: must be 0.5 to 0.9999")
        }
        guard (-0.5...10).contains(input.riskFreeAnnual ?? 0) else {
            throw .invalid("/risk_free_annual: must be -0.5 to 10")
        }
    }

    /// The ⌈n·confidence⌉-th smallest loss, and the mean of the worst (1 − confidence)·n losses, the last one counted
    /// in part (Acerbi and Tasche, "On the coherence of expected shortfall", 2002).
    private static func historical(_ returns: [Double], _ confidence: Double) -> TailRisk {
        let losses = returns.map { -$0 }.sorted()
        let count = Double(losses.count)
        let rank = min(losses.count, max(1, Int((count * confidence - 1e-9).rounded(.up))))
        let tail = count * (1 - confidence)
        let beyond = losses[rank...].reduce(0, +)
        let part = tail - Double(losses.count - rank)
        return TailRisk(
            valueAtRisk: losses[rank - 1], expectedShortfall: (beyond + part * losses[rank - 1]) / tail)
    }

    private static func normal(_ moments: Moments, _ confidence: Double) -> TailRisk {
        let quantile = Normal.quantile(confidence)
        return TailRisk(
            valueAtRisk: quantile * moments.deviation - moments.mean,
            expectedShortfall: Normal.density(quantile) / (1 - confidence) * moments.deviation - moments.mean)
    }

    /// Cornish and Fisher 1937; valid only where the bent quantile still rises (Maillard 2012).
    private static func cornishFisher(_ moments: Moments, _ confidence: Double) -> Double? {
        guard let skewness = moments.skewness, let kurtosis = moments.excessKurtosis else { return nil }
        func bent(_ z: Double) -> Double {
            z + (z * z - 1) * skewness / 6 + (z * z * z - 3 * z) * kurtosis / 24
                - (2 * z * z * z - 5 * z) * skewness * skewness / 36
        }
        let points = (-40...40).map { bent(Double($0) / 10) }
        guard zip(points, points.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
        return -(moments.mean + bent(-Normal.quantile(confidence)) * moments.deviation)
    }

    private static func drawdown(_ returns: [Double]) -> Drawdown {
        var value = 1.0, peak = 1.0, peakPeriod = 0
        var worst = Drawdown(depth: 0, peakPeriod: 0, troughPeriod: 0, recoveryPeriod: nil)
        var worstPeak = 1.0, isOpen = false
        for (index, change) in returns.enumerated() {
            value *= 1 + change
            if isOpen, value >= worstPeak {
                worst.recoveryPeriod = index + 1
                isOpen = false
            }
            if value >= peak { (peak, peakPeriod) = (value, index + 1) }
            let depth = 1 - value / peak
            if depth > worst.depth {
                worst = Drawdown(depth: depth, peakPeriod: peakPeriod, troughPeriod: index + 1, recoveryPeriod: nil)
                (worstPeak, isOpen) = (peak, true)
            }
        }
        return worst
    }

    private static func evidence(_ input: RiskInput, _ confidence: Double) -> Evidence {
        let beyond = Double(input.returns.count) * (1 - confidence)
        return Evidence(
            method: "sample moments; historical, normal and Cornish-Fisher value at risk; expected shortfall",
            source: "Sharpe 1994; Sortino and Price 1994; Lo 2002; Acerbi and Tasche 2002; Maillard 2012",
            inputs: ["\(input.returns.count) returns, \(input.periodsPerYear) a year"],
            assumptions: [
                "Returns are independent and of one distribution; volatility grows with the root of time.",
                "Confidence \(confidence), over one period.",
            ],
            uncertainty: beyond < 10
                ? "Fewer than ten returns lie in the tail: the historical figures rest on very few cases."
                : "The standard error of the Sharpe ratio is given; tails are estimated from the cases in them.")
    }
}

/// Mean and central moments; the deviation is that of a sample, skewness and kurtosis those of the population.
struct Moments {
    let mean: Double
    let deviation: Double
    var skewness: Double?
    var excessKurtosis: Double?

    init(_ values: [Double]) {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let second = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        self.mean = mean
        let scale = values.reduce(0) { max($0, abs($1)) }
        // Equal values leave rounding error behind, no spread.
        guard second > scale * scale * 1e-30 else {
            deviation = 0
            return
        }
        deviation = (second * count / (count - 1)).squareRoot()
        skewness = values.reduce(0) { $0 + pow($1 - mean, 3) } / count / pow(second, 1.5)
        excessKurtosis = values.reduce(0) { $0 + pow($1 - mean, 4) } / count / (second * second) - 3
    }
}
