import PluginKit

/// Coefficients of least squares, the constant first.
struct LinearFit: Sendable {
    var coefficients: [Double]
    var inverse: [Double]
    var residualSumOfSquares: Double
    var isExtended: Bool
    private var hasIntercept: Bool

    /// Up to this many multiplications are done with twice the digits, in about a second.
    private static let extendedWork = 3e7

    init(
        _ matrix: Matrix, _ target: [Double], names: [String], degree: Int = 1, hasIntercept: Bool = true
    ) throws(TaskFailure) {
        let offset = hasIntercept ? 1 : 0, count = names.count + offset, rows = matrix.rowCount
        guard rows >= count else {
            throw .invalid("/data/rows has \(rows) rows for \(count) coefficients; give at least \(count)")
        }
        let work = 2 * Double(rows) * Double(count) * Double(count)
        try Check.work(work, "least squares of \(rows) rows and \(count) coefficients")
        isExtended = work <= Self.extendedWork
        self.hasIntercept = hasIntercept
        do {
            if isExtended {
                let fit = try Self.solve(DoubleDouble.self, matrix, target, degree, hasIntercept, tolerance: 1e-13)
                (coefficients, inverse, residualSumOfSquares) =
                    (fit.coefficients.map(\.double), fit.inverse, fit.residualSumOfSquares)
            } else {
                let fit = try Self.solve(Double.self, matrix, target, degree, hasIntercept, tolerance: 1e-10)
                (coefficients, inverse, residualSumOfSquares) =
                    (fit.coefficients, fit.inverse, fit.residualSumOfSquares)
            }
        } catch {
            let name = error.column < offset ? "the constant" : "\"\(names[error.column - offset])\""
            throw .invalid(
                "/data: \(name) follows from the columns before it, or is all zero, so that its coefficient has no "
                    + "single value: remove it")
        }
        guard (coefficients + [residualSumOfSquares]).allSatisfy(\.isFinite) else {
            throw .invalid("/data: the numbers are too large for \(names.count) columns; use larger units")
        }
    }

    private static func solve<Scalar: RealScalar>(
        _: Scalar.Type, _ matrix: Matrix, _ target: [Double], _ degree: Int, _ hasIntercept: Bool, tolerance: Double
    ) throws(DependentColumn) -> LeastSquares<Scalar> {
        let rows = matrix.rowCount
        var columns: [Scalar] = []
        if hasIntercept { columns = [Scalar](repeating: Scalar(1), count: rows) }
        for column in 0..<matrix.columnCount {
            let first = (0..<rows).map { Scalar(matrix[$0, column]) }
            var power = first
            columns += power
            for _ in 1..<max(degree, 1) {
                for row in 0..<rows { power[row] = power[row] * first[row] }
                columns += power
            }
        }
        return try LeastSquares(
            columns: columns, rowCount: rows, columnCount: columns.count / rows, right: target.map { Scalar($0) },
            tolerance: tolerance)
    }

    func model(degree: Int) -> LinearModel {
        LinearModel(
            intercept: hasIntercept ? coefficients[0] : 0,
            weights: Array(coefficients.dropFirst(hasIntercept ? 1 : 0)), degree: degree, link: .identity)
    }
}
