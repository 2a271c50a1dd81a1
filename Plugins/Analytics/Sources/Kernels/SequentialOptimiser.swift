/// Minimises ½αᵀQα + pᵀα with yᵀα fixed and 0 ≤ α ≤ C by pairs (Platt 1998), chosen by second-order information
/// (Fan, Chen and Lin 2005), as LIBSVM does.
struct SequentialOptimiser {
    var alpha: [Double]
    /// The decision function is Σ y·α·K − rho.
    var rho: Double
    var objective: Double
    var iterations: Int
    var hasConverged: Bool

    /// - Parameters:
    ///   - diagonal: of Q.
    ///   - column: a column of Q: y·y·K.
    ///   - start: a feasible α.
    init(
        signs: [Double], linear: [Double], upper: Double, start: [Double], tolerance: Double, maximumSteps: Int,
        diagonal: [Double], column: (Int) -> [Double]
    ) {
        let count = signs.count
        var alpha = start, gradient = linear, cache = ColumnCache(maximumBytes: 200_000_000, count: count)
        for index in 0..<count where alpha[index] != 0 {
            let row = cache.column(index, column)
            for other in 0..<count { gradient[other] += alpha[index] * row[other] }
        }
        iterations = 0
        hasConverged = false
        while iterations < maximumSteps, !Task.isCancelled {
            var pair: (first: Int, second: Int, row: [Double])?
            if let first = Self.first(alpha, gradient, signs, upper) {
                let row = cache.column(first.index, column)
                pair = Self.second(alpha, gradient, signs, upper, first, row, diagonal, tolerance: tolerance)
                    .map { (first.index, $0, row) }
            }
            guard let (first, second, row) = pair else {
                hasConverged = true
                break
            }
            iterations += 1
            let other = cache.column(second, column)
            let before = (alpha[first], alpha[second])
            Self.move(&alpha, gradient, signs, upper, first, second, row[second], diagonal)
            let change = alpha[first] - before.0, otherChange = alpha[second] - before.1
            gradient.withUnsafeMutableBufferPointer { gradient in
                for index in 0..<count { gradient[index] += row[index] * change + other[index] * otherChange }
            }
        }
        self.alpha = alpha
        objective = zip(alpha, zip(gradient, linear)).reduce(0) { $0 + $1.0 * ($1.1.0 + $1.1.1) } / 2
        rho = Self.rho(alpha, gradient, signs, upper)
    }

    private static func mayRise(_ alpha: Double, _ sign: Double, _ upper: Double) -> Bool {
        sign > 0 ? alpha < upper : alpha > 0
    }

    private static func mayFall(_ alpha: Double, _ sign: Double, _ upper: Double) -> Bool {
        sign > 0 ? alpha > 0 : alpha < upper
    }

    private static func first(
        _ alpha: [Double], _ gradient: [Double], _ signs: [Double], _ upper: Double
    ) -> (index: Int, value: Double)? {
        var best: (index: Int, value: Double)?
        for index in alpha.indices where mayRise(alpha[index], signs[index], upper) {
            let value = -signs[index] * gradient[index]
            if value > best?.value ?? -.infinity { best = (index, value) }
        }
        return best
    }

    private static func second(
        _ alpha: [Double], _ gradient: [Double], _ signs: [Double], _ upper: Double,
        _ first: (index: Int, value: Double), _ row: [Double], _ diagonal: [Double], tolerance: Double
    ) -> Int? {
        var best: (index: Int, value: Double)?, largest = -Double.infinity
        for index in alpha.indices where mayFall(alpha[index], signs[index], upper) {
            let value = signs[index] * gradient[index]
            largest = max(largest, value)
            let difference = first.value + value
            guard difference > 0 else { continue }
            let curvature =
                diagonal[first.index] + diagonal[index] - 2 * signs[first.index] * signs[index] * row[index]
            let gain = difference * difference / max(curvature, 1e-12)
            if gain > best?.value ?? -.infinity { best = (index, gain) }
        }
        return first.value + largest < tolerance ? nil : best?.index
    }

    /// The best step for two, kept inside the box.
    private static func move(
        _ alpha: inout [Double], _ gradient: [Double], _ signs: [Double], _ upper: Double, _ i: Int, _ j: Int,
        _ inner: Double, _ diagonal: [Double]
    ) {
        let curvature = max(diagonal[i] + diagonal[j] - 2 * signs[i] * signs[j] * inner, 1e-12)
        // α_i += y_i·t, α_j −= y_j·t
        var step = (-signs[i] * gradient[i] + signs[j] * gradient[j]) / curvature
        step = min(step, signs[i] > 0 ? upper - alpha[i] : alpha[i])
        step = min(step, signs[j] > 0 ? alpha[j] : upper - alpha[j])
        alpha[i] = min(upper, max(0, alpha[i] + signs[i] * step))
        alpha[j] = min(upper, max(0, alpha[j] - signs[j] * step))
    }

    /// The mean over free vectors, or the middle of what the bounds leave.
    private static func rho(
        _ alpha: [Double], _ gradient: [Double], _ signs: [Double], _ upper: Double
    ) -> Double {
        var sum = 0.0, free = 0, low = -Double.infinity, high = Double.infinity
        for index in alpha.indices {
            let value = signs[index] * gradient[index]
            if alpha[index] > 0, alpha[index] < upper {
                sum += value
                free += 1
            } else if mayRise(alpha[index], signs[index], upper) {
                high = min(high, value)
            } else {
                low = max(low, value)
            }
        }
        if free > 0 { return sum / Double(free) }
        return low.isFinite ? (high.isFinite ? (low + high) / 2 : low) : high
    }
}

/// The last used columns of Q.
private struct ColumnCache {
    private var columns: [Int: [Double]] = [:]
    private var order: [Int] = []
    private let capacity: Int

    init(maximumBytes: Int, count: Int) { capacity = max(2, maximumBytes / (8 * max(count, 1))) }

    mutating func column(_ index: Int, _ make: (Int) -> [Double]) -> [Double] {
        if let known = columns[index] { return known }
        if order.count >= capacity { columns[order.removeFirst()] = nil }
        let made = make(index)
        columns[index] = made
        order.append(index)
        return made
    }
}
