/// Least squares by Householder's QR (Golub and Van Loan, *Matrix Computations*, §5.3.2), columns scaled to unit
/// length. Columns lie one after the other in memory, so that every inner loop is a run.
struct LeastSquares<Scalar: RealScalar> {
    /// One for each column.
    var coefficients: [Scalar]
    /// (XᵀX)⁻¹, row-major.
    var inverse: [Double]
    var residualSumOfSquares: Double

    /// - Parameter columns: `columnCount` runs of `rowCount` numbers, `rowCount` ≥ `columnCount` ≥ 1.
    init(
        columns: [Scalar], rowCount: Int, columnCount: Int, right: [Scalar], tolerance: Double
    ) throws(DependentColumn) {
        var work = columns, right = right
        var norms: [Scalar] = []
        for column in 0..<columnCount {
            let norm = Self.norm(work, column * rowCount, (column + 1) * rowCount)
            guard norm.double > 0 else { throw DependentColumn(column: column) }
            norms.append(norm)
            let inverse = Scalar(1) / norm
            for index in column * rowCount..<(column + 1) * rowCount { work[index] = work[index] * inverse }
        }
        var diagonal: [Scalar] = []
        for column in 0..<columnCount {
            let start = column * rowCount
            let norm = Self.norm(work, start + column, start + rowCount)
            guard norm.double > tolerance else { throw DependentColumn(column: column) }
            let alpha = work[start + column].double > 0 ? -norm : norm
            diagonal.append(alpha)
            work[start + column] = work[start + column] - alpha
            // v·v / 2, of the reflection's vector v left in the column's lower part.
            let half = -(alpha * work[start + column])
            guard half.double > 0 else { continue }
            let vector = Array(work[start + column..<start + rowCount])
            for other in column + 1..<columnCount {
                Self.reflect(&work, other * rowCount + column, vector, half)
            }
            Self.reflect(&right, column, vector, half)
        }
        var residual = Scalar(0)
        for row in columnCount..<rowCount { residual = residual + right[row] * right[row] }
        residualSumOfSquares = residual.double
        // R⁻¹, column by column, and with it the coefficients and (XᵀX)⁻¹ = R⁻¹R⁻ᵀ.
        var triangle = [Scalar](repeating: Scalar(0), count: columnCount * columnCount)
        for column in 0..<columnCount {
            triangle[column * columnCount + column] = Scalar(1) / diagonal[column]
            for row in stride(from: column - 1, through: 0, by: -1) {
                var sum = Scalar(0)
                for inner in row + 1...column {
                    sum = sum + work[inner * rowCount + row] * triangle[inner * columnCount + column]
                }
                triangle[row * columnCount + column] = -(sum / diagonal[row])
            }
        }
        coefficients = []
        inverse = [Double](repeating: 0, count: columnCount * columnCount)
        for row in 0..<columnCount {
            var sum = Scalar(0)
            for column in row..<columnCount { sum = sum + triangle[row * columnCount + column] * right[column] }
            coefficients.append(sum / norms[row])
            for other in 0...row {
                var product = Scalar(0)
                for column in row..<columnCount {
                    product = product + triangle[row * columnCount + column] * triangle[other * columnCount + column]
                }
                let value = (product / norms[row] / norms[other]).double
                inverse[row * columnCount + other] = value
                inverse[other * columnCount + row] = value
            }
        }
    }

    private static func norm(_ values: [Scalar], _ start: Int, _ end: Int) -> Scalar {
        values.withUnsafeBufferPointer { values in
            var largest = 0.0
            for index in start..<end { largest = max(largest, values[index].double.magnitude) }
            guard largest > 0 else { return Scalar(0) }
            let scale = Scalar(largest)
            var sum = Scalar(0)
            for index in start..<end {
                let part = values[index] / scale
                sum = sum + part * part
            }
            return scale * sum.squareRoot()
        }
    }

    /// Subtracts v·(v·x)/(v·v / 2) from x, the part of `target` from `start` on.
    private static func reflect(_ target: inout [Scalar], _ start: Int, _ vector: [Scalar], _ half: Scalar) {
        target.withUnsafeMutableBufferPointer { target in
            vector.withUnsafeBufferPointer { vector in
                var sum = Scalar(0)
                for row in 0..<vector.count { sum = sum + vector[row] * target[start + row] }
                let factor = sum / half
                for row in 0..<vector.count { target[start + row] = target[start + row] - factor * vector[row] }
            }
        }
    }
}

/// The column that follows from those before it.
struct DependentColumn: Error {
    var column: Int
}
