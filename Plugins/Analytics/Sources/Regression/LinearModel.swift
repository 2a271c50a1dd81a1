import Glibc

/// A constant plus a weight for each column, or for each power of the one column.
struct LinearModel: Codable, Sendable, Predictor {
    enum Link: String, Codable, CaseIterable, Sendable {
        case identity
        /// The sum is the logarithm of the odds of the second class.
        case logit
    }

    var intercept: Double
    var weights: [Double]
    var degree: Int
    var link: Link

    func output(_ row: [Double]) -> [Double] {
        var sum = intercept
        if degree > 1 {
            // Horner's rule.
            sum = weights.reversed().reduce(0) { $0 * row[0] + $1 } * row[0] + intercept
        } else {
            for index in weights.indices { sum += weights[index] * row[index] }
        }
        guard link == .logit else { return [sum] }
        let share = Self.logistic(sum)
        return [1 - share, share]
    }

    func isSound(features: Int, width: Int) -> Bool {
        weights.count == (degree > 1 ? degree : features) && (degree <= 1 || features == 1)
            && width == (link == .logit ? 2 : 1)
    }

    static func logistic(_ sum: Double) -> Double { sum >= 0 ? 1 / (1 + exp(-sum)) : exp(sum) / (1 + exp(sum)) }
}
