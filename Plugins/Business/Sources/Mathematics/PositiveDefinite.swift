/// Symmetric positive definite matrices by Cholesky's factors, for a handful of variables.
struct PositiveDefinite {
    private let lower: [[Double]]

    /// Nil if the matrix is not positive definite beyond rounding.
    init?(_ matrix: [[Double]]) {
        var lower = matrix.map { $0.map { _ in 0.0 } }
        for row in matrix.indices {
            for column in 0...row {
                var sum = matrix[row][column]
                for k in 0..<column { sum -= lower[row][k] * lower[column][k] }
                if row == column {
                    guard sum > 1e-13 * matrix[row][row].magnitude, sum.isFinite else { return nil }
                    lower[row][row] = sum.squareRoot()
                } else {
                    lower[row][column] = sum / lower[column][column]
                }
            }
        }
        self.lower = lower
    }

    func solve(_ right: [Double]) -> [Double] {
        var x = right
        for row in x.indices {
            for k in 0..<row { x[row] -= lower[row][k] * x[k] }
            x[row] /= lower[row][row]
        }
        for row in x.indices.reversed() {
            for k in (row + 1)..<max(row + 1, x.count) { x[row] -= lower[k][row] * x[k] }
            x[row] /= lower[row][row]
        }
        return x
    }

    var inverseDiagonal: [Double] {
        lower.indices.map { axis in
            var unit = lower.map { _ in 0.0 }
            unit[axis] = 1
            return solve(unit)[axis]
        }
    }

    /// Standard errors at the minimum of a negative log-likelihood: roots of the diagonal of the inverse curvature, by
    /// central differences. Nil where the surface does not bend upwards in every direction.
    static func standardErrors(at point: [Double], _ function: ([Double]) -> Double) -> [Double]? {
        let steps = point.map { 1e-3 * max(0.05, $0.magnitude) }
        func value(_ moves: [(axis: Int, sign: Double)]) -> Double {
            var moved = point
            for move in moves { moved[move.axis] += move.sign * steps[move.axis] }
            return function(moved)
        }
        let curvature = point.indices.map { row in
            point.indices.map { column in
                let corners =
                    value([(row, 1), (column, 1)]) - value([(row, 1), (column, -1)]) - value([(row, -1), (column, 1)])
                    + value([(row, -1), (column, -1)])
                return corners / (4 * steps[row] * steps[column])
            }
        }
        return PositiveDefinite(curvature)?.inverseDiagonal.map { $0.squareRoot() }
    }
}
