import Glibc

/// How well predictions fit, by the usual definitions. Absent members do not apply.
struct Metrics: Codable, Sendable {
    var rows: Int
    var rmse: Double?
    var mae: Double?
    var rSquared: Double?
    var accuracy: Double?
    /// The mean over classes of the harmonic mean of precision and recall.
    var macroF1: Double?
    var logLoss: Double?
    /// Area under the ROC curve; for two classes.
    var auc: Double?
    /// Row: the class that was; column: the class that was predicted.
    var confusion: [[Int]]?

    enum CodingKeys: String, CodingKey {
        case rows, rmse, mae, accuracy, auc, confusion
        case rSquared = "r_squared"
        case macroF1 = "macro_f1"
        case logLoss = "log_loss"
    }

    init(predicted: [Double], actual: [Double]) {
        rows = actual.count
        let errors = zip(predicted, actual).map { $0 - $1 }
        rmse = Descriptive.mean(errors.map { $0 * $0 }).squareRoot()
        mae = Descriptive.mean(errors.map(\.magnitude))
        let spread = Descriptive.variance(actual, correction: 0) * Double(actual.count)
        rSquared = spread > 0 ? 1 - errors.reduce(0) { $0 + $1 * $1 } / spread : nil
    }

    /// - Parameter probabilities: one row for each observation, one column for each class.
    init(probabilities: [[Double]], actual: [Int], classCount: Int) {
        rows = actual.count
        var table = [[Int]](repeating: [Int](repeating: 0, count: classCount), count: classCount)
        var loss = 0.0
        for (row, truth) in zip(probabilities, actual) {
            table[truth][Self.best(row)] += 1
            loss -= log(max(row[truth], 1e-15))
        }
        confusion = table
        accuracy = Double((0..<classCount).reduce(0) { $0 + table[$1][$1] }) / Double(actual.count)
        logLoss = loss / Double(actual.count)
        macroF1 = Descriptive.mean(
            (0..<classCount).map { index in
                let right = table[index][index], was = table[index].reduce(0, +)
                let said = table.reduce(0) { $0 + $1[index] }
                return was + said == 0 ? 0 : 2 * Double(right) / Double(was + said)
            })
        if classCount == 2 { auc = Self.auc(scores: probabilities.map { $0[1] }, isPositive: actual.map { $0 == 1 }) }
    }

    /// The class with the largest share; the first of equals.
    static func best(_ row: [Double]) -> Int {
        row.indices.max { row[$0] == row[$1] ? $0 > $1 : row[$0] < row[$1] } ?? 0
    }

    /// The chance that a positive ranks over a negative, ties half (Mann and Whitney 1947).
    static func auc(scores: [Double], isPositive: [Bool]) -> Double? {
        let positives = isPositive.count { $0 }, negatives = isPositive.count - positives
        guard positives > 0, negatives > 0 else { return nil }
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        var rankSum = 0.0, start = 0
        while start < order.count {
            var end = start
            while end + 1 < order.count, scores[order[end + 1]] == scores[order[start]] { end += 1 }
            let rank = Double(start + end) / 2 + 1
            for index in start...end where isPositive[order[index]] { rankSum += rank }
            start = end + 1
        }
        return (rankSum - Double(positives) * Double(positives + 1) / 2) / (Double(positives) * Double(negatives))
    }
}
