import Glibc
import PluginKit

/// Logistic regression by iteratively reweighted least squares (McCullagh and Nelder 1989, §2.5), with step halving.
///
/// Where a plane tells the classes apart, the likelihood has no maximum: the coefficients grow for ever and every
/// package prints something else. Then the step itself becomes such a plane, which is checked against every row
/// (Albert and Anderson 1984): separation is proved, not guessed from large numbers.
struct LogisticFit: Sendable {
    enum Ending: String, Codable, CaseIterable, Sendable {
        case converged
        case completeSeparation = "complete_separation"
        case quasiCompleteSeparation = "quasi_complete_separation"
        case stalled
    }

    var coefficients: [Double]
    /// (XᵀWX)⁻¹ at the end.
    var inverse: [Double]
    var logLikelihood: Double
    var nullLogLikelihood: Double
    var iterations: Int
    var ending: Ending

    /// - Parameter columns: the constant first if there is one.
    init(_ design: Matrix, _ truth: [Int], ridge: Double) throws(TaskFailure) {
        let rows = design.rowCount, columns = design.columnCount
        try Check.work(60 * Double(rows) * Double(columns * columns), "logistic regression")
        var beta = [Double](repeating: 0, count: columns)
        var likelihood = Self.likelihood(design, truth, beta, ridge)
        let share = Double(truth.reduce(0, +)) / Double(rows)
        nullLogLikelihood = Double(rows) * (share * log(share) + (1 - share) * log(1 - share))
        ending = .stalled
        inverse = []
        iterations = 0
        for iteration in 1...60 {
            iterations = iteration
            guard let (step, inverse) = Self.step(design, truth, beta, ridge) else { break }
            self.inverse = inverse
            let moved = Self.product(design, step).reduce(0) { max($0, $1.magnitude) }
            if iteration > 8, ridge == 0, let found = Self.separation(design, truth, beta) {
                ending = found
                break
            }
            if moved < 1e-10 {
                ending = .converged
                break
            }
            var factor = 1.0, accepted = false
            while factor > 1e-6 {
                let trial = zip(beta, step).map { $0 + factor * $1 }
                let value = Self.likelihood(design, truth, trial, ridge)
                if value >= likelihood - 1e-12 * likelihood.magnitude {
                    (beta, likelihood, accepted) = (trial, value, true)
                    break
                }
                factor /= 2
            }
            guard accepted else { break }
        }
        if ending == .stalled, ridge == 0, let found = Self.separation(design, truth, beta) { ending = found }
        coefficients = beta
        logLikelihood = Self.likelihood(design, truth, beta, 0)
    }

    private static func product(_ design: Matrix, _ vector: [Double]) -> [Double] {
        (0..<design.rowCount).map { row in
            var sum = 0.0
            for column in 0..<design.columnCount { sum += design[row, column] * vector[column] }
            return sum
        }
    }

    private static func likelihood(_ design: Matrix, _ truth: [Int], _ beta: [Double], _ ridge: Double) -> Double {
        var sum = -ridge / 2 * beta.dropFirst().reduce(0) { $0 + $1 * $1 }
        for (eta, isOne) in zip(product(design, beta), truth) {
            let signed = isOne == 1 ? eta : -eta
            sum -= signed > 0 ? log1p(exp(-signed)) : -signed + log1p(exp(signed))
        }
        return sum
    }

    private static func step(
        _ design: Matrix, _ truth: [Int], _ beta: [Double], _ ridge: Double
    ) -> (step: [Double], inverse: [Double])? {
        let size = design.columnCount
        var information = [Double](repeating: 0, count: size * size), score = [Double](repeating: 0, count: size)
        for (row, eta) in product(design, beta).enumerated() {
            let share = LinearModel.logistic(eta), weight = share * (1 - share)
            let rest = (truth[row] == 1 ? LinearModel.logistic(-eta) : -share)
            for column in 0..<size {
                let value = design[row, column]
                score[column] += value * rest
                for other in 0...column { information[column * size + other] += weight * value * design[row, other] }
            }
        }
        for column in 0..<size {
            for other in 0..<column { information[other * size + column] = information[column * size + other] }
            if column > 0 {
                information[column * size + column] += ridge
                score[column] -= ridge * beta[column]
            }
        }
        guard let inverse = SymmetricSolve.inverse(information, size) else { return nil }
        let step = (0..<size).map { row in
            (0..<size).reduce(0) { $0 + inverse[row * size + $1] * score[$1] }
        }
        return (step, inverse)
    }

    /// Whether `beta`, which has grown for a while, puts every row on its own side. In quasi-complete separation the
    /// rows on the plane itself keep a small part, which is taken as zero when others are 20 times as far away.
    private static func separation(_ design: Matrix, _ truth: [Int], _ beta: [Double]) -> Ending? {
        let signed = zip(product(design, beta), truth).map { $1 == 1 ? $0 : -$0 }
        guard let least = signed.min(), let most = signed.max() else { return nil }
        if least > 0 { return .completeSeparation }
        return most > 18 && least > -most / 20 && isDirection(design, truth, beta) ? .quasiCompleteSeparation : nil
    }

    /// The direction in which the next step goes: in quasi-complete separation every row's part of it is ≥ 0.
    private static func isDirection(_ design: Matrix, _ truth: [Int], _ beta: [Double]) -> Bool {
        guard let (step, _) = step(design, truth, beta, 0) else { return true }
        let signed = zip(product(design, step), truth).map { $1 == 1 ? $0 : -$0 }
        let most = signed.max() ?? 0
        return most > 0.5 && (signed.min() ?? 0) > -1e-3 * most
    }
}
