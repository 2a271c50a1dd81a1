import Glibc

/// Weights from the data alone: a criterion in which the options hardly differ tells nothing, and weighs nothing.
///
/// Source: C. E. Shannon's entropy as used by C.-L. Hwang and K. Yoon, *Multiple Attribute Decision Making*, 1981:
/// eⱼ = −Σ p ln p / ln m over the column's shares, weight ∝ 1 − eⱼ.
package enum EntropyWeights {
    /// - Parameter matrix: no value below zero, at least two rows; the caller checks.
    /// - Returns: sums to 1; equal where no column tells anything.
    package static func weights(_ matrix: [[Double]]) -> [Double] {
        let columns = matrix.first?.count ?? 0
        let diversity = (0..<columns).map { column -> Double in
            let values = matrix.map { $0[column] }, largest = values.max() ?? 0
            guard largest > 0, values.count > 1 else { return 0 }
            let scaled = values.map { $0 / largest }, sum = scaled.reduce(0, +)
            let entropy = scaled.reduce(0) { entropy, value in
                value > 0 ? entropy - value / sum * log(value / sum) : entropy
            }
            return max(0, 1 - entropy / log(Double(values.count)))
        }
        let total = diversity.reduce(0, +)
        guard total > 1e-12 else { return [Double](repeating: 1 / Double(max(1, columns)), count: columns) }
        return diversity.map { $0 / total }
    }
}
