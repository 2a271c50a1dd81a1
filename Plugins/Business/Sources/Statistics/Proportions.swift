import Glibc

/// `successes` of `trials`.
struct Proportion {
    let successes: Double
    let trials: Double

    init(_ successes: Int, of trials: Int) {
        self.successes = Double(successes)
        self.trials = Double(trials)
    }

    var rate: Double { trials > 0 ? successes / trials : 0 }

    /// Wilson, "Probable inference, the law of succession, and statistical inference", 1927. Without a trial nothing
    /// is known: 0 to 1.
    func wilson(z: Double) -> Interval {
        guard trials > 0 else { return Interval(low: 0, high: 1) }
        let square = z * z, centre = rate + square / (2 * trials)
        let half = z * (rate * (1 - rate) / trials + square / (4 * trials * trials)).squareRoot()
        let scale = 1 + square / trials
        return Interval(
            low: successes == 0 ? 0 : max(0, (centre - half) / scale),
            high: successes == trials ? 1 : min(1, (centre + half) / scale))
    }

    /// Newcombe, "Interval estimation for the difference between independent proportions", 1998, method 10.
    func difference(from control: Proportion, z: Double) -> Interval {
        let own = wilson(z: z), other = control.wilson(z: z), difference = rate - control.rate
        func length(_ first: Double, _ second: Double) -> Double { (first * first + second * second).squareRoot() }
        return Interval(
            low: difference - length(rate - own.low, other.high - control.rate),
            high: difference + length(own.high - rate, control.rate - other.low))
    }

    /// The pooled z statistic; nil where nobody or everybody converted.
    func pooledZ(against control: Proportion) -> Double? {
        let pooled = (successes + control.successes) / (trials + control.trials)
        let variance = pooled * (1 - pooled) * (1 / trials + 1 / control.trials)
        return variance > 0 ? (rate - control.rate) / variance.squareRoot() : nil
    }

    /// The probability of tables at most as probable as the one seen (Fisher 1922; two-sided as R has it). Walks from
    /// the mode to both sides and stops where nothing more adds.
    func fisherExact(against control: Proportion) -> Double {
        let total = successes + control.successes, sum = trials + control.trials
        let low = max(0, total - control.trials), high = min(trials, total)
        // ln of the hypergeometric probability of k successes here.
        func choose(_ n: Double, _ k: Double) -> Double { lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) }
        let whole = choose(sum, total)
        func logProbability(_ k: Double) -> Double {
            choose(trials, k) + choose(control.trials, total - k) - whole
        }
        let seen = logProbability(successes) + 1e-7
        // Below the smallest number that a Double holds; the walk from the mode would be long for nothing.
        guard seen > -700 else { return 0 }
        let mode = min(high, max(low, ((trials + 1) * (total + 1) / (sum + 2)).rounded(.down)))
        var probability = 0.0
        for (first, step) in [(mode, 1.0), (mode - 1, -1.0)] {
            var k = first
            while k >= low, k <= high {
                let term = logProbability(k)
                if term <= seen { probability += exp(term) }
                if term < seen - 80 { break }
                k += step
            }
        }
        return min(1, probability)
    }

    /// P(this rate > the other's) where both have a uniform prior: ∫ f(x) F_other(x) dx by Simpson's rule.
    func probabilityBetter(than control: Proportion) -> Double {
        let a = successes + 1, b = trials - successes + 1
        let otherA = control.successes + 1, otherB = control.trials - control.successes + 1
        let mean = a / (a + b), spread = (mean * (1 - mean) / (a + b + 1)).squareRoot()
        let low = max(0, mean - 12 * spread), high = min(1, mean + 12 * spread)
        let steps = 600, width = (high - low) / Double(steps)
        var weighted = 0.0, total = 0.0
        for index in 0...steps {
            let x = low + Double(index) * width
            let weight: Double = index == 0 || index == steps ? 1 : index % 2 == 1 ? 4 : 2
            let logDensity = (a - 1) * safeLog(x) + (b - 1) * safeLog(1 - x) - Distributions.logBeta(a, b)
            let density = weight * exp(logDensity)
            weighted += density * Distributions.incompleteBeta(otherA, otherB, x)
            total += density
        }
        return total > 0 ? min(1, weighted / total) : 0.5
    }

    /// So that 0 · ln 0 is 0.
    private func safeLog(_ x: Double) -> Double { x > 0 ? log(x) : -1e300 }
}
