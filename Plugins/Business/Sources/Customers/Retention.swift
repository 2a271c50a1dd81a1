import Glibc
package import PluginKit

/// How a cohort under contract goes on shrinking: the shifted-beta-geometric model of Fader and Hardie, "How to
/// project customer retention", *Journal of Interactive Marketing* 21 (2007). Each customer leaves with a probability
/// of his own at each renewal; those who leave easily go first, so retention rises with age.
package enum Retention {
    package static func evaluate(_ input: RetentionInput) throws(TaskFailure) -> RetentionOutput {
        let survivors = input.survivors, losses = try losses(survivors)
        let last = survivors[survivors.count - 1]
        func cost(_ logs: [Double]) -> Double {
            let value = -logLikelihood(exp(logs[0]), exp(logs[1]), losses: losses, left: last)
            // Beyond, the model is a plain geometric one; the likelihood is flat there.
            return value.isFinite && logs.allSatisfy { abs($0) < 12 } ? value : .greatestFiniteMagnitude
        }
        let found = Simplex().minimise([0, 0], cost)
        let alpha = exp(found.point[0]), beta = exp(found.point[1])
        let discount = input.discountRate ?? 0.01
        guard discount > 0 else { throw .invalid("/discount_rate: must be above 0") }
        let rows = rows(input, alpha, beta, discount)
        let errors = zip(rows, survivors.dropFirst()).map { abs($0.survival - $1 / survivors[0]) }
        let lifetime = residual(alpha, beta, age: 0, discount: discount)
        var warnings: [String] = []
        if found.point.contains(where: { abs($0) > 9 }) {
            warnings.append("a parameter runs to the edge of the search: the data do not fix it, only the mean churn")
        }
        return RetentionOutput(
            alpha: alpha, beta: beta, logLikelihood: -found.value,
            standardErrors: PositiveDefinite.standardErrors(at: found.point, cost),
            meanChurn: alpha / (alpha + beta), discountedLifetime: lifetime,
            lifetimeValueMinor: try input.marginMinor.map { margin throws(TaskFailure) in
                try Amount.rounded(Double(margin) * lifetime)
            },
            rows: rows, largestError: errors.max() ?? 0, warnings: warnings, evidence: evidence(input, discount))
    }

    private static func losses(_ survivors: [Double]) throws(TaskFailure) -> [Double] {
        guard survivors.count >= 3 else { throw .invalid("/survivors: at least the start and two periods") }
        for (index, pair) in zip(survivors, survivors.dropFirst()).enumerated() where !(pair.1 <= pair.0 && pair.1 >= 0)
        {
            throw .invalid("/survivors/\(index + 1): \(pair.1) after \(pair.0); a cohort only shrinks")
        }
        guard let first = survivors.first, first > 0, first.isFinite else {
            throw .invalid("/survivors/0: must be above 0")
        }
        let losses = zip(survivors, survivors.dropFirst()).map { $0 - $1 }
        guard losses.contains(where: { $0 > 0 }) else {
            throw .invalid("/survivors: nobody has left, so nothing can be said about when they will")
        }
        return losses
    }

    /// Eqs. 5 to 7: P(T = 1) = α / (α + β), and each next one by the ratio (β + t − 2) / (α + β + t − 1).
    private static func logLikelihood(_ alpha: Double, _ beta: Double, losses: [Double], left: Double) -> Double {
        var logProbability = log(alpha / (alpha + beta)), logSurvival = log(beta / (alpha + beta))
        var sum = 0.0
        for (index, lost) in losses.enumerated() {
            let t = Double(index + 1)
            if index > 0 {
                logProbability += log((beta + t - 2) / (alpha + beta + t - 1))
                logSurvival += log((beta + t - 1) / (alpha + beta + t - 1))
            }
            sum += lost * logProbability
        }
        return sum + left * logSurvival
    }

    private static func rows(
        _ input: RetentionInput, _ alpha: Double, _ beta: Double, _ discount: Double
    ) -> [RetentionRow] {
        let last = max(input.horizon ?? 24, input.survivors.count - 1)
        func retention(_ period: Int) -> Double {
            (beta + Double(period) - 1) / (alpha + beta + Double(period) - 1)
        }
        // Only the last one is summed: E(n) = 1 + r(n + 1) / (1 + d) · E(n + 1) gives the ones before.
        var residuals = [residual(alpha, beta, age: last, discount: discount)]
        for period in stride(from: last - 1, through: 1, by: -1) {
            residuals.append(1 + retention(period + 1) / (1 + discount) * residuals[residuals.count - 1])
        }
        var survival = 1.0
        return (1...last).map { period in
            survival *= retention(period)
            return RetentionRow(
                period: period, survival: survival, retention: retention(period),
                observed: period < input.survivors.count ? input.survivors[period] / input.survivors[0] : nil,
                residualLifetime: residuals[last - period])
        }
    }

    /// Σ S(age + t) / S(age) / (1 + d)^t from t = 0, summed until the rest no longer counts.
    static func residual(_ alpha: Double, _ beta: Double, age: Int, discount: Double) -> Double {
        var sum = 0.0, term = 1.0
        for t in 0..<5_000_000 {
            sum += term
            let n = Double(age + t + 1)
            term *= (beta + n - 1) / (alpha + beta + n - 1) / (1 + discount)
            if term < 1e-13 * sum * discount { break }
        }
        return sum
    }

    private static func evidence(_ input: RetentionInput, _ discount: Double) -> Evidence {
        Evidence(
            method: "shifted-beta-geometric model by maximum likelihood; residual lifetimes summed",
            source: "Fader and Hardie 2007; Fader and Hardie, Customer-base valuation in a contractual setting, 2010",
            inputs: [
                "\(input.survivors.count - 1) periods of a cohort of \(input.survivors[0])", "discount \(discount)",
            ],
            assumptions: [
                "customers can leave once a period, and stay gone", "nobody's own probability changes with time",
                "all of the cohort began together",
            ],
            uncertainty: "standard errors are those of the fit; that the future is like the past is not tested")
    }
}
