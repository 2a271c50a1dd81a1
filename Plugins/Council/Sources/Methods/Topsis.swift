/// The technique for order preference by similarity to ideal solution.
///
/// Source: C.-L. Hwang and K. Yoon, *Multiple Attribute Decision Making*, 1981: vector normalisation, weighted
/// distances to the best and the worst value found in each column, closeness C = S⁻ / (S* + S⁻).
package struct Topsis: Equatable, Sendable {
    /// S*, the distance of each option to the best values.
    package let distanceToIdeal: [Double]
    /// S⁻, the distance of each option to the worst values.
    package let distanceToWorst: [Double]
    /// 1 is the ideal, 0 the worst; 0.5 for all where the options do not differ.
    package let closeness: [Double]

    /// - Parameters:
    ///   - matrix: one row an option, one column a criterion.
    ///   - weights: one a column, at least zero; they are normalised here.
    ///   - isCost: true where less is better.
    package init(matrix: [[Double]], weights: [Double], isCost: [Bool]) {
        let total = weights.reduce(0, +)
        var toIdeal = [Double](repeating: 0, count: matrix.count), toWorst = toIdeal
        for (column, weight) in weights.enumerated() {
            let values = matrix.map { $0[column] }
            // Divided by the largest first, so that squares cannot overflow.
            let largest = values.reduce(0) { max($0, abs($1)) }
            guard largest > 0, total > 0 else { continue }
            let scaled = values.map { $0 / largest }
            let norm = scaled.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let weighted = scaled.map { $0 / norm * weight / total }
            guard let low = weighted.min(), let high = weighted.max() else { continue }
            let ideal = isCost[column] ? low : high, worst = isCost[column] ? high : low
            for (row, value) in weighted.enumerated() {
                toIdeal[row] += (value - ideal) * (value - ideal)
                toWorst[row] += (value - worst) * (value - worst)
            }
        }
        distanceToIdeal = toIdeal.map { $0.squareRoot() }
        distanceToWorst = toWorst.map { $0.squareRoot() }
        closeness = zip(distanceToIdeal, distanceToWorst).map { $0 + $1 == 0 ? 0.5 : $1 / ($0 + $1) }
    }

    /// Rows from best to worst; equal closeness keeps the order given.
    package var ranking: [Int] { closeness.indices.sorted { closeness[$0] > closeness[$1] } }
}
