import Glibc

/// PROMETHEE II: a complete order by net flow.
///
/// Source: J.-P. Brans and Ph. Vincke, "A preference ranking organisation method", *Management Science* 31(6), 1985:
/// φ⁺ is how much an option is preferred to the others on average, φ⁻ how much the others are to it, φ = φ⁺ − φ⁻.
package struct Promethee: Equatable, Sendable {
    package let leaving: [Double]
    package let entering: [Double]

    package var net: [Double] { zip(leaving, entering).map { $0 - $1 } }

    /// - Parameters:
    ///   - matrix: one row an option, one column a criterion.
    ///   - preferences: how a difference becomes a preference, one a column.
    package init(matrix: [[Double]], weights: [Double], isCost: [Bool], preferences: [PreferenceFunction]) {
        let total = weights.reduce(0, +), others = Double(max(1, matrix.count - 1))
        var leaving = [Double](repeating: 0, count: matrix.count), entering = leaving
        for (first, left) in matrix.enumerated() where total > 0 {
            for (second, right) in matrix.enumerated() where first != second {
                var preference = 0.0
                for (column, weight) in weights.enumerated() {
                    let difference = isCost[column] ? right[column] - left[column] : left[column] - right[column]
                    preference += weight / total * preferences[column].preference(difference)
                }
                leaving[first] += preference / others
                entering[second] += preference / others
            }
        }
        self.leaving = leaving
        self.entering = entering
    }
}

/// The six shapes of Brans and Vincke; `q` is the largest difference that does not matter, `p` the smallest that
/// decides, `s` the turning point of the bell.
package enum PreferenceFunction: Equatable, Sendable {
    case usual
    case uShape(q: Double)
    case vShape(p: Double)
    case level(q: Double, p: Double)
    case linear(q: Double, p: Double)
    case gaussian(s: Double)

    /// 0 to 1; nothing for a difference to the option's disadvantage.
    package func preference(_ difference: Double) -> Double {
        guard difference > 0 else { return 0 }
        switch self {
        case .usual: return 1
        case .uShape(let q): return difference > q ? 1 : 0
        case .vShape(let p): return difference >= p ? 1 : difference / p
        case .level(let q, let p): return difference <= q ? 0 : difference <= p ? 0.5 : 1
        case .linear(let q, let p):
            if difference <= q { return 0 }
            return difference >= p ? 1 : (difference - q) / (p - q)
        case .gaussian(let s): return 1 - exp(-difference * difference / (2 * s * s))
        }
    }
}
