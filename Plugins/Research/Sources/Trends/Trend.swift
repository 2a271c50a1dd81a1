import Glibc
package import PluginKit

/// Whether a series rises or falls, by how much, and whether it jumps, without assuming a distribution.
///
/// Mann 1945 and Kendall 1975 with ties; Hirsch, Slack and Smith 1982 for seasons; Theil 1950 and Sen 1968 for the
/// slope; Pettitt 1979 for the change point.
package enum Trend {
    package static func evaluate(_ input: TrendInput) throws(TaskFailure) -> TrendOutput {
        let times = try times(input)
        let seasons = try seasons(input)
        let z = quantile((1 + (input.confidence ?? 0.95)) / 2)
        var s = 0.0, variance = 0.0, pairs = 0.0, slopes: [Double] = [], slopeVariance = 0.0
        for season in seasons {
            let values = season.map { input.values[$0] }
            s += Self.s(values)
            let own = Self.variance(values)
            variance += own
            slopeVariance += own
            pairs += Double(values.count * (values.count - 1)) / 2
            for (later, j) in season.enumerated() {
                for i in season[..<later] { slopes.append((input.values[j] - input.values[i]) / (times[j] - times[i])) }
            }
        }
        guard slopes.allSatisfy(\.isFinite) else { throw .invalid("/times: two lie too close together to divide by") }
        slopes.sort()
        let statistic = variance > 0 ? (s == 0 ? 0 : (s - (s > 0 ? 1 : -1)) / variance.squareRoot()) : 0
        let p = erfc(abs(statistic) / 2.0.squareRoot())
        let slope = median(slopes), half = z * slopeVariance.squareRoot(), count = Double(slopes.count)
        let low = max(0, Int(((count - half) / 2).rounded(.toNearestOrEven)) - 1)
        let high = min(slopes.count - 1, Int(((count + half) / 2).rounded(.toNearestOrEven)))
        let alpha = 1 - (input.confidence ?? 0.95)
        let correlation = lagOne(input.values, times, slope)
        return TrendOutput(
            direction: p > alpha ? .none : s > 0 ? .rising : .falling, s: s, variance: variance, z: statistic,
            pValue: p,
            tau: tau(input.values, s: s, pairs: pairs, isSeasonal: seasons.count > 1), slope: slope,
            slopeLow: slopes[min(low, slopes.count - 1)], slopeHigh: slopes[max(0, high)],
            intercept: median(input.values.sorted()) - slope * median(times), changePoint: pettitt(input.values, times),
            lagOneCorrelation: correlation,
            warnings: warnings(input, seasons, correlation), evidence: note(input, seasons.count))
    }

    private static func times(_ input: TrendInput) throws(TaskFailure) -> [Double] {
        guard (3...3_000).contains(input.values.count), input.values.allSatisfy({ abs($0) <= 1e15 }) else {
            throw .invalid("/values: 3 to 3,000 numbers within ±10^15")
        }
        guard let times = input.times else { return input.values.indices.map(Double.init) }
        guard times.count == input.values.count else {
            throw .invalid("/times: \(times.count) of them for \(input.values.count) values")
        }
        for (index, pair) in zip(times, times.dropFirst()).enumerated() where !(pair.0 < pair.1 && abs(pair.1) <= 1e15)
        {
            throw .invalid("/times/\(index + 1): \(pair.1) does not come after \(pair.0)")
        }
        return times
    }

    private static func seasons(_ input: TrendInput) throws(TaskFailure) -> [[Int]] {
        guard let period = input.period else { return [Array(input.values.indices)] }
        guard period >= 2, input.values.count >= 2 * period else {
            throw .invalid("/period: \(input.values.count) values are fewer than two seasons of \(period)")
        }
        return (0..<period).map { Array(stride(from: $0, to: input.values.count, by: period)) }
    }

    private static func sign(_ value: Double) -> Double { value > 0 ? 1 : value < 0 ? -1 : 0 }

    private static func s(_ values: [Double]) -> Double {
        var sum = 0.0
        for j in values.indices { for i in 0..<j { sum += sign(values[j] - values[i]) } }
        return sum
    }

    private static func tieCounts(_ values: [Double]) -> [Double] {
        values.reduce(into: [:]) { $0[$1, default: 0.0] += 1 }.values.filter { $0 > 1 }
    }

    private static func variance(_ values: [Double]) -> Double {
        func term(_ n: Double) -> Double { n * (n - 1) * (2 * n + 5) }
        return (term(Double(values.count)) - tieCounts(values).reduce(0) { $0 + term($1) }) / 18
    }

    private static func tau(_ values: [Double], s: Double, pairs: Double, isSeasonal: Bool) -> Double {
        let tied = isSeasonal ? 0 : tieCounts(values).reduce(0) { $0 + $1 * ($1 - 1) / 2 }
        let scale = (pairs * (pairs - tied)).squareRoot()
        return scale > 0 ? s / scale : 0
    }

    private static func median(_ sorted: [Double]) -> Double {
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// K = max |U_t|, where U_t compares all values up to t with all after it; p ≈ 2 exp(−6K² / (n³ + n²)).
    private static func pettitt(_ values: [Double], _ times: [Double]) -> TrendOutput.ChangePoint {
        var u = 0.0, best = (k: -1.0, index: 0)
        // Moving a value from after to before adds its signs against all others.
        for index in values.indices.dropLast() {
            u += values.reduce(0) { $0 + sign(values[index] - $1) }
            if abs(u) > best.k { best = (abs(u), index) }
        }
        let n = Double(values.count), before = values[...best.index], after = values[(best.index + 1)...]
        return .init(
            index: best.index, time: times[best.index], statistic: best.k,
            pValue: min(1, 2 * exp(-6 * best.k * best.k / (n * n * n + n * n))),
            meanBefore: before.reduce(0, +) / Double(before.count),
            meanAfter: after.reduce(0, +) / Double(after.count))
    }

    private static func lagOne(_ values: [Double], _ times: [Double], _ slope: Double) -> Double {
        let rest = zip(values, times).map { $0 - slope * $1 }, mean = rest.reduce(0, +) / Double(rest.count)
        let total = rest.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        guard total > 0 else { return 0 }
        return zip(rest, rest.dropFirst()).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) } / total
    }

    private static func quantile(_ p: Double) -> Double {
        var low = -10.0, high = 10.0
        for _ in 0..<100 {
            let middle = (low + high) / 2
            if erfc(-middle / 2.0.squareRoot()) / 2 < p { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    private static func warnings(_ input: TrendInput, _ seasons: [[Int]], _ correlation: Double) -> [String] {
        var warnings: [String] = []
        let count = input.values.count
        if count < 10 { warnings.append("\(count) values: the normal approximation of p is rough below 10") }
        if seasons.count == 1, abs(correlation) > 1.96 / Double(count).squareRoot() {
            warnings.append(
                "neighbouring values go together (correlation \((correlation * 100).rounded() / 100)): p is "
                    + (correlation > 0 ? "too small" : "too large"))
        }
        return warnings
    }

    private static func note(_ input: TrendInput, _ seasons: Int) -> MethodNote {
        MethodNote(
            method: seasons > 1
                ? "seasonal Mann-Kendall test, Theil-Sen slope within seasons, Pettitt's test"
                : "Mann-Kendall test with ties, Theil-Sen slope with interval, Pettitt's test",
            source: "Mann 1945; Kendall 1975; Hirsch, Slack and Smith 1982; Theil 1950; Sen 1968; Pettitt 1979",
            inputs: ["\(input.values.count) values" + (seasons > 1 ? " in \(seasons) seasons" : "")],
            assumptions: [
                "values are independent but for the trend", "the change point test knows at most one change",
            ],
            uncertainty: "a trend and a jump look alike to either test: compare both p values and look at the series")
    }
}
