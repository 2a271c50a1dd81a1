import Glibc

/// The exact likelihood of an ARMA process by Kalman's filter (Gardner, Harvey and Phillips 1980), in Harvey's state
/// space: the state's first part is the value, the rest what is known of the values to come.
struct ArimaFilter {
    /// Σ v²/F, of the value and of the constant beside it.
    private(set) var squares = 0.0
    private(set) var logDeterminant = 0.0
    /// The constant's generalised least squares estimate.
    private(set) var constant = 0.0
    private(set) var constantInformation = 0.0
    /// Standardised one-step errors.
    private(set) var innovations: [Double] = []
    /// The state after the last value, with the constant taken out.
    private(set) var state: [Double]

    /// - Parameter regressor: what the constant adds to each value; nil: no constant.
    init?(_ values: [Double], regressor: [Double]?, phi: [Double], theta: [Double]) {
        let size = max(phi.count, theta.count + 1)
        let ar = phi + [Double](repeating: 0, count: size - phi.count)
        let ma = [1] + theta + [Double](repeating: 0, count: size - 1 - theta.count)
        guard var covariance = Self.stationaryCovariance(ar, ma) else { return nil }
        var state = [Double](repeating: 0, count: size), other = state, gain = state
        var first: [Double] = [], second: [Double] = [], variances: [Double] = []
        var isSteady = false, variance = 0.0
        for (index, value) in values.enumerated() {
            // Predict: the state moves up, what leaves at the top comes back by the autoregressive part.
            if index > 0 {
                Self.advance(&state, ar)
                if regressor != nil { Self.advance(&other, ar) }
                if !isSteady { Self.advance(&covariance, ar, ma, size) }
            }
            if !isSteady {
                let before = variance
                variance = covariance[0]
                guard variance > 0, variance.isFinite else { return nil }
                for row in 0..<size { gain[row] = covariance[row * size] / variance }
                // From here on the gain changes no more.
                isSteady = index > size && (variance - before).magnitude < 1e-15 * variance
            }
            let error = value - state[0], otherError = (regressor?[index] ?? 0) - other[0]
            first.append(error)
            second.append(otherError)
            variances.append(variance)
            for row in 0..<size {
                state[row] += gain[row] * error
                other[row] += gain[row] * otherError
            }
            if !isSteady {
                for row in 1..<max(size, 1) {
                    for column in 1..<size { covariance[row * size + column] -= gain[row] * covariance[column] }
                }
                // The value itself is known now; the rows below needed its old row.
                for index in 0..<size { (covariance[index], covariance[index * size]) = (0, 0) }
            }
        }
        self.state = state
        finish(first, second, variances, hasConstant: regressor != nil, other)
    }

    private mutating func finish(
        _ first: [Double], _ second: [Double], _ variances: [Double], hasConstant: Bool, _ other: [Double]
    ) {
        if hasConstant {
            var product = 0.0
            for index in first.indices {
                constantInformation += second[index] * second[index] / variances[index]
                product += first[index] * second[index] / variances[index]
            }
            constant = constantInformation > 0 ? product / constantInformation : 0
        }
        for index in first.indices {
            let error = first[index] - constant * second[index]
            squares += error * error / variances[index]
            logDeterminant += Glibc.log(variances[index])
            innovations.append(error / variances[index].squareRoot())
        }
        for row in state.indices { state[row] -= constant * other[row] }
    }

    private static func advance(_ state: inout [Double], _ ar: [Double]) {
        let top = state[0]
        for row in 0..<state.count - 1 { state[row] = state[row + 1] + ar[row] * top }
        state[state.count - 1] = ar[state.count - 1] * top
    }

    /// T·P·Tᵀ + R·Rᵀ for the companion matrix T.
    private static func advance(_ p: inout [Double], _ ar: [Double], _ ma: [Double], _ size: Int) {
        var next = [Double](repeating: 0, count: size * size)
        p.withUnsafeBufferPointer { p in
            for row in 0..<size {
                for column in 0...row {
                    var value = ar[row] * ar[column] * p[0] + ma[row] * ma[column]
                    if row + 1 < size { value += p[(row + 1) * size] * ar[column] }
                    if column + 1 < size { value += p[column + 1] * ar[row] }
                    if row + 1 < size, column + 1 < size { value += p[(row + 1) * size + column + 1] }
                    next[row * size + column] = value
                    next[column * size + row] = value
                }
            }
        }
        p = next
    }

    /// Σ Tᵏ·R·Rᵀ·(Tᵀ)ᵏ by doubling (Anderson 1978); nil where the process is not stationary.
    private static func stationaryCovariance(_ ar: [Double], _ ma: [Double]) -> [Double]? {
        let size = ar.count
        var p = (0..<size * size).map { ma[$0 / size] * ma[$0 % size] }
        var power = [Double](repeating: 0, count: size * size)
        for row in 0..<size {
            power[row * size] = ar[row]
            if row + 1 < size { power[row * size + row + 1] = 1 }
        }
        for _ in 0..<60 {
            let half = multiply(power, p, size)
            let added = multiplyTransposed(half, power, size)
            var change = 0.0, scale = 0.0
            for index in p.indices {
                p[index] += added[index]
                change = max(change, added[index].magnitude)
                scale = max(scale, p[index].magnitude)
            }
            guard scale.isFinite else { return nil }
            if change <= 1e-16 * scale { return p }
            power = multiply(power, power, size)
        }
        return nil
    }

    private static func multiply(_ left: [Double], _ right: [Double], _ size: Int) -> [Double] {
        var result = [Double](repeating: 0, count: size * size)
        for row in 0..<size {
            for inner in 0..<size {
                let factor = left[row * size + inner]
                if factor == 0 { continue }
                for column in 0..<size { result[row * size + column] += factor * right[inner * size + column] }
            }
        }
        return result
    }

    private static func multiplyTransposed(_ left: [Double], _ right: [Double], _ size: Int) -> [Double] {
        var result = [Double](repeating: 0, count: size * size)
        for row in 0..<size {
            for column in 0..<size {
                var sum = 0.0
                for inner in 0..<size { sum += left[row * size + inner] * right[column * size + inner] }
                result[row * size + column] = sum
            }
        }
        return result
    }
}
