import Glibc

/// Naive Bayes with a normal distribution for each feature in each class (Duda and Hart 1973).
struct GaussianBayes: Codable, Sendable, Predictor {
    var priors: [Double]
    /// One row for each class.
    var means: [[Double]]
    var variances: [[Double]]

    /// - Parameters:
    ///   - correction: 1 divides variances by n − 1, 0 by n.
    ///   - priors: equal to the shares in the data if nil.
    init(_ matrix: Matrix, _ truth: [Int], classes: Int, correction: Int, priors given: [Double]? = nil) {
        (priors, means, variances) = ([], [], [])
        // What keeps a constant feature from a variance of zero: a billionth of the largest.
        let floor =
            (0..<matrix.columnCount).reduce(0) {
                max($0, Descriptive.variance(matrix.column($1), correction: 0))
            } * 1e-9
        for index in 0..<classes {
            let own = matrix.rows(truth.indices.filter { truth[$0] == index })
            priors.append(given?[index] ?? Double(own.rowCount) / Double(truth.count))
            let columns = (0..<matrix.columnCount).map(own.column)
            means.append(columns.map(Descriptive.mean))
            variances.append(
                columns.map { column in
                    let value = column.count > correction ? Descriptive.variance(column, correction: correction) : 0
                    return max(value + (correction == 0 ? floor : 0), max(floor, 1e-300))
                })
        }
    }

    /// The logarithm of prior times density, for each class.
    func logJoint(_ row: [Double]) -> [Double] {
        priors.indices.map { index in
            var sum = log(priors[index])
            for (column, value) in row.enumerated() {
                let variance = variances[index][column], distance = value - means[index][column]
                sum -= (log(2 * .pi * variance) + distance * distance / variance) / 2
            }
            return sum
        }
    }

    func output(_ row: [Double]) -> [Double] { Softmax.shares(logJoint(row)) }

    func isSound(features: Int, width: Int) -> Bool {
        priors.count == width && means.count == width && variances.count == width
            && (means + variances).allSatisfy { $0.count == features }
            && variances.joined().allSatisfy { $0 > 0 }
    }
}
