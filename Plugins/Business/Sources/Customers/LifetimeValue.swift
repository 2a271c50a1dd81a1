import Glibc
package import PluginKit

/// Who will buy again, without a contract: the BG/NBD model of Fader, Hardie and Lee, "Counting your customers the
/// easy way", *Marketing Science* 24 (2005).
package enum LifetimeValue {
    package static func evaluate(_ input: LifetimeValueInput) throws(TaskFailure) -> LifetimeValueOutput {
        let histories = try histories(input)
        let horizon = input.horizon ?? 52
        let longest = histories.map(\.age).max() ?? 1
        guard horizon > 0, horizon <= 100 * longest else {
            throw .invalid("/horizon: must be above 0 and at most 100 times the longest age, \(longest)")
        }
        let counts = Dictionary(histories.map { ($0.key, 1.0) }, uniquingKeysWith: +)
        let distinct = counts.sorted { $0.key < $1.key }
        // Time is scaled so that the longest age is 10: the search does not depend on the unit.
        let scale = 10 / longest
        func cost(_ logs: [Double]) -> Double {
            guard logs.allSatisfy({ abs($0) < 15 }) else { return .greatestFiniteMagnitude }
            let model = PurchaseModel(r: exp(logs[0]), alpha: exp(logs[1]), a: exp(logs[2]), b: exp(logs[3]))
            let sum = distinct.reduce(0) { $0 + $1.value * model.logLikelihood($1.key.scaled(scale)) }
            return sum.isFinite ? -sum / Double(histories.count) : .greatestFiniteMagnitude
        }
        let found = [[0.0, 1, 0, 0], [-1, 0, -0.5, 1]].map { Simplex().minimise($0, cost) }.min { $0.value < $1.value }
        guard let found else { throw .internal("no start for the search") }
        let model = PurchaseModel(
            r: exp(found.point[0]), alpha: exp(found.point[1]) / scale, a: exp(found.point[2]), b: exp(found.point[3]))
        let count = Double(histories.count)
        // Each observed time is in the density once: t ↦ scale · t adds x · ln scale.
        let shift = log(scale) * histories.reduce(0) { $0 + Double($1.frequency) }
        var output = LifetimeValueOutput(
            r: model.r, alpha: model.alpha, a: model.a, b: model.b, logLikelihood: -found.value * count + shift,
            standardErrors: PositiveDefinite.standardErrors(at: found.point) { cost($0) * count },
            expectedPurchasesOfNew: model.expectedOfNew(within: horizon), expectedPurchases: 0, valueMinor: nil,
            customers: [], warnings: [], evidence: evidence(histories, horizon))
        try forecast(&output, model, histories, input, horizon)
        if found.point.contains(where: { abs($0) > 9 }) {
            output.warnings.append("a parameter runs to the edge of the search: the data do not fix it")
        }
        return output
    }

    private static func histories(_ input: LifetimeValueInput) throws(TaskFailure) -> [PurchaseHistory] {
        var histories = input.customers ?? []
        for (index, row) in (input.rows ?? []).enumerated() {
            guard row.count == 3, row[0].rounded() == row[0], (0...100_000).contains(row[0]) else {
                throw .invalid("/rows/\(index): must be a whole frequency, recency and age")
            }
            histories.append(PurchaseHistory(frequency: Int(row[0]), recency: row[1], age: row[2]))
        }
        guard !histories.isEmpty else { throw .invalid("/: give customers or rows") }
        for (index, history) in histories.enumerated() {
            let place =
                index < (input.customers?.count ?? 0)
                ? "/customers/\(index)" : "/rows/\(index - (input.customers?.count ?? 0))"
            guard history.age > 0, history.age <= 1e6, (0...history.age).contains(history.recency),
                (0...100_000).contains(history.frequency)
            else { throw .invalid("\(place): needs 0 ≤ recency ≤ age, and an age above 0") }
            guard (history.frequency == 0) == (history.recency == 0) else {
                throw .invalid("\(place): recency is 0 exactly where there is no repeat purchase")
            }
        }
        guard histories.contains(where: { $0.frequency > 0 }) else {
            throw .invalid("/: nobody has bought again, so nothing can be said about rates")
        }
        return histories
    }

    private static func forecast(
        _ output: inout LifetimeValueOutput, _ model: PurchaseModel, _ histories: [PurchaseHistory],
        _ input: LifetimeValueInput, _ horizon: Double
    ) throws(TaskFailure) {
        var cache: [PurchaseHistory.Key: (alive: Double, expected: Double)] = [:]
        var rows: [CustomerForecast] = []
        for (index, history) in histories.enumerated() {
            let value =
                cache[history.key] ?? (
                    model.probabilityAlive(history.key), model.expected(history.key, within: horizon)
                )
            cache[history.key] = value
            output.expectedPurchases += value.expected
            rows.append(
                CustomerForecast(
                    customer: history.customer ?? String(index + 1), probabilityAlive: value.alive,
                    expectedPurchases: value.expected))
        }
        guard output.expectedPurchases.isFinite else {
            throw .invalid("/horizon: the expected number of purchases cannot be computed for it")
        }
        if let margin = input.marginMinor {
            output.valueMinor = try Amount.rounded(output.expectedPurchases * Double(margin))
        }
        let best = rows.indices.sorted {
            (rows[$1].expectedPurchases, $0) < (rows[$0].expectedPurchases, $1)
        }
        output.customers = best.prefix(input.show ?? 20).map { rows[$0] }
    }

    private static func evidence(_ histories: [PurchaseHistory], _ horizon: Double) -> Evidence {
        Evidence(
            method: "BG/NBD by maximum likelihood; conditional expectation by the hypergeometric series",
            source: "Fader, Hardie and Lee 2005, eqs. 6 and 10; Fader, Hardie and Lee 2008 for P(alive)",
            inputs: [
                "\(histories.count) customers, \(histories.count { $0.frequency > 0 }) of them bought again",
                "horizon \(horizon)",
            ],
            assumptions: [
                "purchases of a customer come at a constant rate of his own until he drops out",
                "he drops out only right after a purchase, so one who never came back counts as alive",
                "amounts do not depend on how often one buys",
            ],
            uncertainty: "standard errors are those of the fit; single customers scatter far more than their mean")
    }
}

extension PurchaseHistory {
    init(frequency: Int, recency: Double, age: Double) {
        (self.frequency, self.recency, self.age, customer) = (frequency, recency, age, nil)
    }

    /// What the model sees of a customer.
    struct Key: Hashable, Comparable {
        var x: Double
        var recency: Double
        var age: Double

        static func < (left: Key, right: Key) -> Bool {
            (left.x, left.recency, left.age) < (right.x, right.recency, right.age)
        }

        func scaled(_ factor: Double) -> Key { Key(x: x, recency: recency * factor, age: age * factor) }
    }

    var key: Key { Key(x: Double(frequency), recency: recency, age: age) }
}

struct PurchaseModel {
    let r: Double
    let alpha: Double
    let a: Double
    let b: Double

    /// Eq. 6, in logarithms.
    func logLikelihood(_ history: PurchaseHistory.Key) -> Double {
        let x = history.x
        let first = lgamma(r + x) - lgamma(r) + r * log(alpha)
        let second = lgamma(a + b) + lgamma(b + x) - lgamma(b) - lgamma(a + b + x)
        let alive = -(r + x) * log(alpha + history.age)
        guard x > 0 else { return first + second + alive }
        let gone = log(a) - log(b + x - 1) - (r + x) * log(alpha + history.recency)
        let larger = max(alive, gone)
        return first + second + larger + log1p(exp(min(alive, gone) - larger))
    }

    /// Gone to alive; 0 without a repeat purchase.
    private func odds(_ history: PurchaseHistory.Key) -> Double {
        guard history.x > 0 else { return 0 }
        return exp(
            log(a / (b + history.x - 1))
                + (r + history.x) * log((alpha + history.age) / (alpha + history.recency)))
    }

    func probabilityAlive(_ history: PurchaseHistory.Key) -> Double { 1 / (1 + odds(history)) }

    /// Eq. 10.
    func expected(_ history: PurchaseHistory.Key, within t: Double) -> Double {
        let x = history.x, reach = alpha + history.age
        let a = apart, fraction = t / (reach + t)
        let rest = pow(1 - fraction, r + x) * Self.hypergeometric(r + x, b + x, a + b + x - 1, fraction)
        return max(0, (a + b + x - 1) / (a - 1) * (1 - rest) / (1 + odds(history)))
    }

    /// Eq. 9.
    func expectedOfNew(within t: Double) -> Double {
        let a = apart, fraction = t / (alpha + t)
        let rest = pow(1 - fraction, r) * Self.hypergeometric(r, b, a + b - 1, fraction)
        return max(0, (a + b - 1) / (a - 1) * (1 - rest))
    }

    /// The formulas have a removable gap at a = 1.
    private var apart: Double { abs(a - 1) < 1e-6 ? 1 + 1e-6 : a }

    /// ₂F₁ by its series; all terms are positive but, for a + b < 1, the first few.
    static func hypergeometric(_ a: Double, _ b: Double, _ c: Double, _ z: Double) -> Double {
        var term = 1.0, sum = 1.0
        for n in 0..<2_000_000 {
            let k = Double(n)
            term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z
            sum += term
            if abs(term) < 1e-15 * abs(sum), n > 4 { break }
        }
        return sum
    }
}
