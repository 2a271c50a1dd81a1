import Glibc

/// The lower triangle L of a symmetric positive definite matrix, A = L·Lᵀ. Nil if the matrix is not so, to about 12
/// digits of its largest entry.
struct Cholesky {
    private var rows: [[Double]]

    init?(_ matrix: [[Double]]) {
        let count = matrix.count
        let scale = matrix.indices.reduce(0) { max($0, abs(matrix[$1][$1])) }
        rows = matrix
        for row in 0..<count {
            for column in 0...row {
                var sum = matrix[row][column]
                for inner in 0..<column { sum -= rows[row][inner] * rows[column][inner] }
                if row == column {
                    guard sum > scale * 1e-12, sum.isFinite else { return nil }
                    rows[row][row] = sum.squareRoot()
                } else {
                    rows[row][column] = sum / rows[column][column]
                }
            }
        }
    }

    func solve(_ right: [Double]) -> [Double] {
        var x = right
        for row in x.indices {
            for inner in 0..<row { x[row] -= rows[row][inner] * x[inner] }
            x[row] /= rows[row][row]
        }
        for row in x.indices.reversed() {
            for inner in (row + 1)..<max(row + 1, x.count) { x[row] -= rows[inner][row] * x[inner] }
            x[row] /= rows[row][row]
        }
        return x
    }
}

/// Plain sums over rows.
enum Vector {
    static func dot(_ left: [Double], _ right: [Double]) -> Double {
        var sum = 0.0
        for index in left.indices { sum += left[index] * right[index] }
        return sum
    }

    static func times(_ matrix: [[Double]], _ vector: [Double]) -> [Double] { matrix.map { dot($0, vector) } }
}
