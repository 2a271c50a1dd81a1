/// VIKOR: the compromise nearest to the ideal, with the conditions under which one option is enough.
///
/// Source: S. Opricovic and G.-H. Tzeng, "Compromise solution by MCDM methods", *European Journal of Operational
/// Research* 156, 2004: S is the weighted sum of regrets, R the largest one, Q their mixture by `strategy` (v).
package struct Vikor: Equatable, Sendable {
    package let groupRegret: [Double]
    package let worstRegret: [Double]
    /// Less is better.
    package let mixture: [Double]

    package init(matrix: [[Double]], weights: [Double], isCost: [Bool], strategy: Double = 0.5) {
        let total = weights.reduce(0, +)
        var sums = [Double](repeating: 0, count: matrix.count), worst = sums
        for (column, weight) in weights.enumerated() where total > 0 {
            let values = matrix.map { $0[column] }
            guard let low = values.min(), let high = values.max(), high > low else { continue }
            let best = isCost[column] ? low : high
            for (row, value) in values.enumerated() {
                let regret = weight / total * abs(best - value) / (high - low)
                sums[row] += regret
                worst[row] = max(worst[row], regret)
            }
        }
        groupRegret = sums
        worstRegret = worst
        func scaled(_ values: [Double]) -> [Double] {
            guard let low = values.min(), let high = values.max(), high > low else { return values.map { _ in 0 } }
            return values.map { ($0 - low) / (high - low) }
        }
        mixture = zip(scaled(sums), scaled(worst)).map { strategy * $0 + (1 - strategy) * $1 }
    }

    /// Rows from best to worst.
    package var ranking: [Int] { mixture.indices.sorted { mixture[$0] < mixture[$1] } }

    /// The rows that together are the compromise: the first alone where it has an acceptable advantage
    /// (Q₂ − Q₁ ≥ 1/(n − 1)) and is first by S or R too; the first two where only the second condition fails; else all
    /// whose Q is within the advantage of the first.
    package var compromise: [Int] {
        let order = ranking
        guard order.count > 1 else { return order }
        let first = order[0], second = order[1], advantage = 1 / Double(order.count - 1)
        let isStable = groupRegret[first] == groupRegret.min() || worstRegret[first] == worstRegret.min()
        if mixture[second] - mixture[first] >= advantage { return isStable ? [first] : [first, second] }
        return order.filter { mixture[$0] - mixture[first] < advantage }
    }
}
