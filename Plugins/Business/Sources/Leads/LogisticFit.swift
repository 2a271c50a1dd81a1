import Glibc
import PluginKit

/// Logistic regression by iteratively reweighted least squares (McCullagh and Nelder, *Generalized Linear Models*,
/// §4.4), on standardised features, with an optional ridge.
struct LogisticFit {
    /// The intercept first.
    let coefficients: [Double]
    let standardErrors: [Double]
    let logLikelihood: Double

    static func probability(_ logOdds: Double) -> Double { 1 / (1 + exp(-logOdds)) }

    func logOdds(_ row: [Double]) -> Double {
        zip(row, coefficients.dropFirst()).reduce(coefficients[0]) { $0 + $1.0 * $1.1 }
    }

    init(_ rows: [[Double]], _ outcomes: [Double], names: [String], ridge: Double) throws(TaskFailure) {
        let scaling = try Scaling(rows, names: names)
        let design = rows.map { [1] + scaling.apply($0) }
        let width = names.count + 1
        var beta = Array(repeating: 0.0, count: width), information: PositiveDefinite?
        for round in 0..<100 {
            var gradient = Array(repeating: 0.0, count: width)
            var hessian = Array(repeating: Array(repeating: 0.0, count: width), count: width)
            for (row, outcome) in zip(design, outcomes) {
                let p = Self.probability(zip(row, beta).reduce(0) { $0 + $1.0 * $1.1 }), weight = p * (1 - p)
                for i in 0..<width {
                    gradient[i] += (outcome - p) * row[i]
                    for j in 0...i { hessian[i][j] += weight * row[i] * row[j] }
                }
            }
            for i in 0..<width {
                for j in 0..<i { hessian[j][i] = hessian[i][j] }
                if i > 0 {
                    gradient[i] -= ridge * beta[i]
                    hessian[i][i] += ridge
                }
            }
            guard let factors = PositiveDefinite(hessian), beta.allSatisfy({ abs($0) < 40 }) else {
                throw .invalid(
                    "/features: the outcomes are told apart completely, or a feature follows from others; leave one out"
                        + " or give a ridge")
            }
            let step = factors.solve(gradient)
            for i in 0..<width { beta[i] += max(-5, min(5, step[i])) }
            information = factors
            if step.allSatisfy({ abs($0) < 1e-11 }) { break }
            guard round < 99 else {
                throw .invalid("/features: the fit does not settle; leave a feature out or give a ridge")
            }
        }
        logLikelihood = zip(design, outcomes).reduce(0) { sum, pair in
            let eta = zip(pair.0, beta).reduce(0) { $0 + $1.0 * $1.1 }
            // ln p or ln (1 − p) without cancellation.
            let signed = pair.1 > 0.5 ? -eta : eta
            return sum - (signed > 30 ? signed : log1p(exp(signed)))
        }
        (coefficients, standardErrors) = scaling.back(beta, information, width)
    }
}

/// Features with mean 0 and deviation 1, and the way back.
private struct Scaling {
    let means: [Double]
    let deviations: [Double]

    init(_ rows: [[Double]], names: [String]) throws(TaskFailure) {
        let count = Double(rows.count)
        var means: [Double] = [], deviations: [Double] = []
        for (index, name) in names.enumerated() {
            let mean = rows.reduce(0) { $0 + $1[index] } / count
            let variance = rows.reduce(0) { $0 + ($1[index] - mean) * ($1[index] - mean) } / count
            guard variance > 1e-24 * max(1, mean * mean), variance.isFinite else {
                throw .invalid("/features/\(index): \(name) is the same in all leads with an outcome")
            }
            means.append(mean)
            deviations.append(variance.squareRoot())
        }
        (self.means, self.deviations) = (means, deviations)
    }

    func apply(_ row: [Double]) -> [Double] { row.indices.map { (row[$0] - means[$0]) / deviations[$0] } }

    func back(
        _ beta: [Double], _ information: PositiveDefinite?, _ width: Int
    ) -> (coefficients: [Double], errors: [Double]) {
        let slopes = deviations.indices.map { beta[$0 + 1] / deviations[$0] }
        let constant = zip(slopes, means).reduce(beta[0]) { $0 - $1.0 * $1.1 }
        guard let information else { return ([constant] + slopes, []) }
        // The constant is a sum of all coefficients: its variance is gᵀ I⁻¹ g.
        let gradient = [1.0] + deviations.indices.map { -means[$0] / deviations[$0] }
        let variance = zip(gradient, information.solve(gradient)).reduce(0) { $0 + $1.0 * $1.1 }
        let errors = zip(information.inverseDiagonal.dropFirst(), deviations).map { $0.squareRoot() / $1 }
        return ([constant] + slopes, [variance.squareRoot()] + errors)
    }
}
