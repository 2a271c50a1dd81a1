/// A symmetric positive definite system by Cholesky (Golub and Van Loan §4.2).
enum SymmetricSolve {
    /// The inverse, row-major; nil where the matrix is not positive definite.
    static func inverse(_ matrix: [Double], _ size: Int) -> [Double]? {
        guard let lower = factor(matrix, size) else { return nil }
        var result = [Double](repeating: 0, count: size * size)
        for column in 0..<size {
            var unit = [Double](repeating: 0, count: size)
            unit[column] = 1
            let solved = solve(lower, unit)
            for row in 0..<size { result[row * size + column] = solved[row] }
        }
        return result
    }

    private static func factor(_ matrix: [Double], _ size: Int) -> [Double]? {
        var lower = matrix
        for column in 0..<size {
            var pivot = lower[column * size + column]
            for inner in 0..<column { pivot -= lower[column * size + inner] * lower[column * size + inner] }
            guard pivot > 0, pivot.isFinite else { return nil }
            pivot = pivot.squareRoot()
            lower[column * size + column] = pivot
            for row in column + 1..<max(size, column + 1) {
                var sum = lower[row * size + column]
                for inner in 0..<column { sum -= lower[row * size + inner] * lower[column * size + inner] }
                lower[row * size + column] = sum / pivot
            }
        }
        return lower
    }

    private static func solve(_ lower: [Double], _ right: [Double]) -> [Double] {
        let size = right.count
        var result = right
        for row in 0..<size {
            for inner in 0..<row { result[row] -= lower[row * size + inner] * result[inner] }
            result[row] /= lower[row * size + row]
        }
        for row in stride(from: size - 1, through: 0, by: -1) {
            for inner in row + 1..<max(size, row + 1) { result[row] -= lower[inner * size + row] * result[inner] }
            result[row] /= lower[row * size + row]
        }
        return result
    }
}
