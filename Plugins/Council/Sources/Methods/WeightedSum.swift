import Glibc

/// Weighted sum, weighted product, and WASPAS between them, over values made comparable by their column's extreme.
///
/// Source: E. K. Zavadskas, Z. Turskis, J. Antuchevičienė and A. Zakarevičius, "Optimization of Weighted Aggregated Sum
/// Product Assessment", *Elektronika ir Elektrotechnika* 122(6), 2012: a benefit is divided by the column's largest
/// value, a cost divides the smallest; Q = λ·sum + (1 − λ)·product.
package struct WeightedSum: Equatable, Sendable {
    package let sum: [Double]
    package let product: [Double]

    /// - Parameters: as ``Topsis``; every value must be above zero, which the caller checks.
    package init(matrix: [[Double]], weights: [Double], isCost: [Bool]) {
        let total = weights.reduce(0, +)
        var sum = [Double](repeating: 0, count: matrix.count)
        var product = [Double](repeating: 1, count: matrix.count)
        for (column, weight) in weights.enumerated() where total > 0 {
            let values = matrix.map { $0[column] }
            guard let low = values.min(), let high = values.max() else { continue }
            for (row, value) in values.enumerated() {
                let part = isCost[column] ? low / value : value / high
                sum[row] += part * weight / total
                product[row] *= pow(part, weight / total)
            }
        }
        self.sum = sum
        self.product = product
    }

    /// - Parameter lambda: 1 is the weighted sum, 0 the weighted product.
    package func combined(lambda: Double) -> [Double] { zip(sum, product).map { lambda * $0 + (1 - lambda) * $1 } }
}
