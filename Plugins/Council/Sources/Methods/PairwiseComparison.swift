/// Priorities from judgements "how much more does this matter than that", with a measure of how far they contradict
/// one another.
///
/// Source: T. L. Saaty, *The Analytic Hierarchy Process*, 1980: the priorities are the principal eigenvector, the
/// consistency index (λmax − n)/(n − 1) is compared with that of random judgements.
package struct PairwiseComparison: Equatable, Sendable {
    package let priorities: [Double]
    package let largestEigenvalue: Double

    /// Mean index of random reciprocal matrices by their size (Saaty 1980, table).
    private static let randomIndex = [
        0, 0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59,
    ]
    package static let maximumSize = randomIndex.count - 1
    /// Saaty's rule: judgements above it should be thought over.
    package static let acceptableRatio = 0.1

    /// - Parameter matrix: square, reciprocal, all above zero; see ``problem(in:)``.
    package init(_ matrix: [[Double]]) {
        let count = matrix.count
        var vector = [Double](repeating: 1 / Double(max(1, count)), count: count)
        var eigenvalue = Double(count)
        // Power iteration: a positive matrix has one dominant eigenvalue (Perron).
        for _ in 0..<10_000 {
            let next = matrix.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
            let sum = next.reduce(0, +)
            guard sum > 0 else { break }
            let normal = next.map { $0 / sum }
            let change = zip(normal, vector).map { abs($0 - $1) }.max() ?? 0
            (vector, eigenvalue) = (normal, sum)
            if change < 1e-15 { break }
        }
        priorities = vector
        largestEigenvalue = eigenvalue
    }

    package var consistencyIndex: Double {
        let count = Double(priorities.count)
        return count > 1 ? max(0, (largestEigenvalue - count) / (count - 1)) : 0
    }

    /// 0 for judgements that agree in all; up to two things cannot contradict one another.
    package var consistencyRatio: Double {
        priorities.count > 2 ? consistencyIndex / Self.randomIndex[min(priorities.count, Self.maximumSize)] : 0
    }

    /// Why a matrix of judgements cannot be used; nil when it can.
    package static func problem(in matrix: [[Double]]) -> String? {
        guard (1...maximumSize).contains(matrix.count) else { return "must compare 1 to \(maximumSize) things" }
        for (row, values) in matrix.enumerated() {
            guard values.count == matrix.count else {
                return "row \(row) has \(values.count) of \(matrix.count) values"
            }
            for (column, value) in values.enumerated() {
                guard value.isFinite, (1e-6...1e6).contains(value) else {
                    return "row \(row), column \(column): \(value) is not between 0.000001 and 1,000,000"
                }
                guard abs(value * matrix[column][row] - 1) < 1e-3 else {
                    return "row \(row), column \(column): \(value) and \(matrix[column][row]) are not reciprocal"
                }
            }
        }
        return nil
    }
}
