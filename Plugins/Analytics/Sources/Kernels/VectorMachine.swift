import PluginKit

/// Support vector machines: for classes one against one (Cortes and Vapnik 1995), for anomalies one class
/// (Schölkopf et al. 2001).
struct VectorMachine: Codable, Sendable, Predictor {
    /// One decision Σ weight·K(vector, x) − rho.
    struct Decision: Codable, Sendable {
        /// Over zero: this class; nil and nil: over zero is normal.
        var positive: Int?
        var negative: Int?
        var vectors: [[Double]]
        var weights: [Double]
        var rho: Double
    }

    struct Settings: Sendable {
        var cost: Double
        var nu: Double
        var tolerance: Double
        var kernel: Kernel
    }

    var kernel: Kernel
    var decisions: [Decision]
    var hasConverged: Bool

    enum CodingKeys: String, CodingKey {
        case kernel, decisions
        case hasConverged = "has_converged"
    }

    /// For `classes` classes.
    init(_ matrix: Matrix, _ truth: [Int], classes: Int, _ settings: Settings) {
        kernel = settings.kernel
        decisions = []
        hasConverged = true
        for first in 0..<classes {
            for second in first + 1..<max(classes, first + 1) {
                let rows = truth.indices.filter { truth[$0] == first || truth[$0] == second }
                let signs = rows.map { truth[$0] == second ? 1.0 : -1.0 }, own = matrix.rows(rows)
                let result = Self.optimise(
                    own, signs, kernel, linear: [Double](repeating: -1, count: rows.count), upper: settings.cost,
                    start: [Double](repeating: 0, count: rows.count), settings.tolerance)
                add(own, signs, result, positive: second, negative: first)
            }
        }
    }

    /// For one class: at most a share `nu` of the rows lies outside, at least that share are vectors.
    init(_ matrix: Matrix, _ settings: Settings) {
        kernel = settings.kernel
        decisions = []
        hasConverged = true
        let count = matrix.rowCount, whole = Int(settings.nu * Double(count))
        var start = [Double](repeating: 0, count: count)
        for index in 0..<min(whole, count) { start[index] = 1 }
        if whole < count { start[whole] = settings.nu * Double(count) - Double(whole) }
        let signs = [Double](repeating: 1, count: count)
        let result = Self.optimise(
            matrix, signs, kernel, linear: [Double](repeating: 0, count: count), upper: 1, start: start,
            settings.tolerance)
        add(matrix, signs, result, positive: nil, negative: nil)
    }

    private mutating func add(
        _ rows: Matrix, _ signs: [Double], _ result: SequentialOptimiser, positive: Int?, negative: Int?
    ) {
        let used = result.alpha.indices.filter { result.alpha[$0] > 0 }
        decisions.append(
            Decision(
                positive: positive, negative: negative, vectors: used.map(rows.row),
                weights: used.map { result.alpha[$0] * signs[$0] }, rho: result.rho))
        hasConverged = hasConverged && result.hasConverged
    }

    private static func optimise(
        _ rows: Matrix, _ signs: [Double], _ kernel: Kernel, linear: [Double], upper: Double, start: [Double],
        _ tolerance: Double
    ) -> SequentialOptimiser {
        let count = rows.rowCount, width = rows.columnCount
        return rows.values.withUnsafeBufferPointer { values in
            func alike(_ first: Int, _ second: Int) -> Double {
                guard let base = values.baseAddress else { return 0 }
                return kernel.value(base + first * width, base + second * width, width)
            }
            return SequentialOptimiser(
                signs: signs, linear: linear, upper: upper, start: start, tolerance: tolerance,
                maximumSteps: max(100_000, min(10_000_000, Int(Check.maximumWork) / (8 * max(count, 1)))),
                diagonal: (0..<count).map { alike($0, $0) },
                column: { index in (0..<count).map { signs[index] * signs[$0] * alike(index, $0) } })
        }
    }

    func value(_ decision: Decision, _ row: [Double]) -> Double {
        row.withUnsafeBufferPointer { row in
            var sum = -decision.rho
            for (vector, weight) in zip(decision.vectors, decision.weights) {
                vector.withUnsafeBufferPointer { vector in
                    guard let first = vector.baseAddress, let second = row.baseAddress else { return }
                    sum += weight * kernel.value(first, second, row.count)
                }
            }
            return sum
        }
    }

    /// For classes, each one's share of the duels; for one class, how far outside the row is (over 0: outside).
    func output(_ row: [Double]) -> [Double] {
        guard let first = decisions.first, first.positive != nil else { return [-value(decisions[0], row)] }
        // k classes have k(k − 1)/2 duels.
        let classes = (decisions.compactMap(\.positive).max() ?? 1) + 1
        var wins = [Double](repeating: 0, count: classes)
        for decision in decisions {
            let winner = value(decision, row) > 0 ? decision.positive : decision.negative
            wins[winner ?? 0] += 1 / Double(decisions.count)
        }
        return wins
    }

    func isSound(features: Int, width: Int) -> Bool {
        let isOneClass = decisions.count == 1 && decisions[0].positive == nil && decisions[0].negative == nil
        let duels = isOneClass ? width == 1 : decisions.count == width * (width - 1) / 2 && width > 1
        return duels
            && decisions.allSatisfy { decision in
                decision.vectors.count == decision.weights.count
                    && decision.vectors.allSatisfy { $0.count == features }
                    && (isOneClass
                        || (0..<width ~= (decision.positive ?? -1) && 0..<width ~= (decision.negative ?? -1)))
            } && (isOneClass || decisions.contains { $0.positive == width - 1 })
    }
}
