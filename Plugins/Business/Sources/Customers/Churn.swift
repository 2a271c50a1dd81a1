import Glibc
package import PluginKit

/// How long customers stay, when some of them have not left yet.
///
/// Kaplan and Meier, "Nonparametric estimation from incomplete observations", 1958; Greenwood 1926; the log-rank test
/// of Mantel 1966 and Peto 1972 with hypergeometric variance.
package enum Churn {
    package static func evaluate(_ input: ChurnInput) throws(TaskFailure) -> ChurnOutput {
        for (index, lifetime) in input.lifetimes.enumerated() {
            guard lifetime.duration >= 0, lifetime.duration <= 1e9 else {
                throw .invalid("/lifetimes/\(index)/duration: must be 0 to 10^9")
            }
            guard (1...1_000_000_000).contains(lifetime.count ?? 1) else {
                throw .invalid("/lifetimes/\(index)/count: must be 1 to 10^9")
            }
        }
        var groups: [String: Group] = [:]
        for lifetime in input.lifetimes { groups[lifetime.group ?? "all", default: Group()].add(lifetime) }
        let names = groups.keys.sorted()
        guard names.count <= 20 else { throw .invalid("/lifetimes: at most 20 groups, not \(names.count)") }
        let shortest = groups.values.map(\.longest).min() ?? 0
        let horizon = input.horizon ?? shortest
        guard horizon >= 0, horizon <= shortest else {
            throw .invalid("/horizon: \(horizon) lies beyond the longest duration of a group, \(shortest)")
        }
        let z = Distributions.normalQuantile((1 + (input.confidence ?? 0.95)) / 2)
        let ordered = names.compactMap { groups[$0] }
        let test = names.count > 1 ? LogRank.test(ordered) : nil
        return ChurnOutput(
            curves: zip(names, ordered).map { $1.curve($0, z: z, horizon: horizon) }, horizon: horizon,
            logRankChiSquare: test?.statistic, logRankPValue: test?.pValue,
            evidence: Evidence(
                method: "Kaplan-Meier curve, Greenwood's variance" + (names.count > 1 ? ", log-rank test" : ""),
                source: "Kaplan and Meier 1958; Greenwood 1926; Kalbfleisch and Prentice 1980 for the interval;"
                    + " Mantel 1966",
                inputs: zip(names, ordered).map { "\($0): \($1.customers) customers, \($1.lost) left" },
                assumptions: [
                    "who was not seen to the end is like those who were (censoring tells nothing)",
                    "at equal times those who leave go before those who are lost from sight",
                ],
                uncertainty: "the right end of a curve rests on few customers: read at_risk with it"))
    }
}

/// Durations with losses and censored ones.
struct Group {
    private(set) var rows: [Double: (lost: Int, censored: Int)] = [:]
    private(set) var customers = 0
    private(set) var lost = 0
    private(set) var longest = 0.0
    private var exposure = 0.0

    mutating func add(_ lifetime: Lifetime) {
        let count = lifetime.count ?? 1
        var row = rows[lifetime.duration] ?? (0, 0)
        if lifetime.churned { row.lost += count } else { row.censored += count }
        rows[lifetime.duration] = row
        customers += count
        if lifetime.churned { lost += count }
        longest = max(longest, lifetime.duration)
        exposure += lifetime.duration * Double(count)
    }

    func curve(_ name: String, z: Double, horizon: Double) -> SurvivalCurve {
        var points: [SurvivalPoint] = [], survival = 1.0, variance = 0.0, atRisk = customers
        var mean = 0.0, before = 0.0
        for time in rows.keys.sorted() {
            guard let row = rows[time] else { continue }
            if time <= horizon {
                mean += survival * (time - before)
                before = time
            } else if before < horizon {
                mean += survival * (horizon - before)
                before = horizon
            }
            if row.lost > 0 {
                let here = Double(atRisk), gone = Double(row.lost)
                survival *= 1 - gone / here
                variance += here > gone ? gone / (here * (here - gone)) : .infinity
                points.append(
                    point(time, atRisk: atRisk, lost: row.lost, survival: survival, variance: variance, z: z))
            }
            atRisk -= row.lost + row.censored
        }
        return SurvivalCurve(
            group: name, customers: customers, churned: lost, points: points,
            median: points.first { $0.survival <= 0.5 + 1e-12 }?.time, meanToHorizon: mean,
            churnRate: exposure > 0 ? Double(lost) / exposure : 0)
    }

    private func point(
        _ time: Double, atRisk: Int, lost: Int, survival: Double, variance: Double, z: Double
    ) -> SurvivalPoint {
        guard survival > 0 else {
            return SurvivalPoint(
                time: time, atRisk: atRisk, churned: lost, survival: 0, standardError: 0,
                interval: Interval(low: 0, high: 1))
        }
        let spread = z * variance.squareRoot() / abs(log(survival))
        return SurvivalPoint(
            time: time, atRisk: atRisk, churned: lost, survival: survival,
            standardError: survival * variance.squareRoot(),
            interval: Interval(low: pow(survival, exp(spread)), high: pow(survival, exp(-spread))))
    }
}

private enum LogRank {
    /// Nil where no time has two customers at risk in different groups, so that nothing can be compared.
    static func test(_ groups: [Group]) -> (statistic: Double, pValue: Double)? {
        let times = Set(groups.flatMap(\.rows.keys)).sorted(), free = groups.count - 1
        var atRisk = groups.map { Double($0.customers) }
        var difference = Array(repeating: 0.0, count: free)
        var covariance = Array(repeating: Array(repeating: 0.0, count: free), count: free)
        for time in times {
            let rows = groups.map { $0.rows[time] ?? (lost: 0, censored: 0) }
            let all = atRisk.reduce(0, +), lost = rows.reduce(0.0) { $0 + Double($1.lost) }
            if lost > 0, all > 1 {
                let factor = lost * (all - lost) / (all - 1)
                for first in 0..<free {
                    difference[first] += Double(rows[first].lost) - lost * atRisk[first] / all
                    for second in 0..<free {
                        let same = first == second ? 1.0 : 0
                        covariance[first][second] +=
                            factor * atRisk[first] / all * (same - atRisk[second] / all)
                    }
                }
            }
            for (index, row) in rows.enumerated() { atRisk[index] -= Double(row.lost + row.censored) }
        }
        guard let inverse = PositiveDefinite(covariance) else { return nil }
        let statistic = zip(difference, inverse.solve(difference)).reduce(0) { $0 + $1.0 * $1.1 }
        return (statistic, Distributions.chiSquareUpper(statistic, degrees: Double(free)))
    }
}
