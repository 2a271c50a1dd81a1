import Glibc
import PluginKit

/// An ARIMA model by exact maximum likelihood of the differenced series, and its forecasts.
struct Arima: Sendable {
    let order: ArimaOrder
    let period: Int
    /// ar1…, ma1…, sar1…, sma1…, as named; then the constant.
    private(set) var names: [String] = []
    private(set) var estimates: [Double] = []
    private(set) var errors: [Double?] = []
    private(set) var sigmaSquared = 0.0
    private(set) var logLikelihood = 0.0
    private(set) var residuals: [Double] = []
    private var phi: [Double] = []
    private var theta: [Double] = []
    private var constant = 0.0
    private var state: [Double] = []
    private let values: [Double]

    var parameterCount: Int { names.count + 1 }
    var aic: Double { 2 * Double(parameterCount) - 2 * logLikelihood }
    /// With the correction for short series (Hurvich and Tsai 1989).
    var aicc: Double {
        let n = Double(residuals.count), k = Double(parameterCount)
        return n > k + 1 ? aic + 2 * k * (k + 1) / (n - k - 1) : .infinity
    }

    init(_ values: [Double], _ order: ArimaOrder, period: Int) throws(TaskFailure) {
        self.order = order
        self.period = period
        self.values = values
        let differenced = Self.difference(values, order, period)
        let blocks = [order.p, order.q, order.seasonalP ?? 0, order.seasonalQ ?? 0], size = blocks.reduce(0, +)
        guard differenced.count >= max(3, size + (order.hasConstant ? 1 : 0) + 2) else {
            throw .invalid("/values has \(values.count) numbers, too few for \(order.text)")
        }
        let spread = Descriptive.variance(differenced, correction: 0)
        guard spread > 1e-24 * (differenced.map { $0 * $0 }.max() ?? 0) || (!order.hasConstant && spread > 0) else {
            throw .invalid(
                "/values are constant after differencing: there is nothing left for \(order.text) to explain")
        }
        // Of size about 1, so that likelihoods are.
        let scale = (differenced.reduce(0) { $0 + $1 * $1 } / Double(differenced.count)).squareRoot()
        let scaled = differenced.map { $0 / scale }
        let states = Double(
            max(order.p + (order.seasonalP ?? 0) * period, order.q + (order.seasonalQ ?? 0) * period + 1))
        guard states <= 120 else {
            throw .tooLarge("\(order.text) with period \(period) needs \(Int(states)) states; 120 at most")
        }
        try Check.work(
            600 * Double(max(size, 1)) * (Double(scaled.count) * states * states + 20 * states * states * states),
            "\(order.text) with period \(period) on \(values.count) values")
        let ones: [Double]? = order.hasConstant ? [Double](repeating: 1, count: scaled.count) : nil
        func objective(_ natural: [Double]) -> Double {
            let (phi, theta) = Self.polynomials(natural, blocks, period)
            guard let filter = ArimaFilter(scaled, regressor: ones, phi: phi, theta: theta), filter.squares > 0 else {
                return .infinity
            }
            return log(filter.squares / Double(scaled.count)) + filter.logDeterminant / Double(scaled.count)
        }
        var natural: [Double] = []
        if size > 0 {
            let start = [Double](repeating: 0.1, count: size)
            let found = Minimiser.minimum(
                from: start, in: Array(repeating: -9...9, count: size), step: 0.3, maximumCalls: 500 * size
            ) { objective(Self.natural($0, blocks)) }
            guard found.value.isFinite else { throw .invalid("/values: no \(order.text) fits") }
            natural = Self.natural(found.point, blocks)
        }
        finish(natural, blocks, scaled, ones, scale, objective)
    }

    private mutating func finish(
        _ natural: [Double], _ blocks: [Int], _ scaled: [Double], _ ones: [Double]?, _ scale: Double,
        _ objective: ([Double]) -> Double
    ) {
        (phi, theta) = Self.polynomials(natural, blocks, period)
        guard let filter = ArimaFilter(scaled, regressor: ones, phi: phi, theta: theta) else { return }
        let count = Double(scaled.count), variance = filter.squares / count
        sigmaSquared = variance * scale * scale
        logLikelihood =
            -(count * (log(2 * .pi * variance) + 1) + filter.logDeterminant) / 2 - count * log(scale)
        residuals = filter.innovations.map { $0 * scale }
        state = filter.state.map { $0 * scale }
        constant = filter.constant * scale
        for (name, size) in zip(["ar", "ma", "sar", "sma"], blocks) { names += (0..<size).map { "\(name)\($0 + 1)" } }
        estimates = natural
        // −2·log-likelihood is count·objective, so its curvature is that of the information.
        errors = Self.errors(natural, count, objective)
        if ones != nil {
            names.append(order.d + (order.seasonalD ?? 0) == 0 ? "mean" : "drift")
            let perStep = order.d == 0 && order.seasonalD == 1 ? Double(period) : 1
            estimates.append(constant / perStep)
            errors.append((variance / filter.constantInformation).squareRoot() * scale / perStep)
        }
    }

    private static func difference(_ values: [Double], _ order: ArimaOrder, _ period: Int) -> [Double] {
        var result = values
        for _ in 0..<(order.seasonalD ?? 0) where result.count > period {
            result = (period..<result.count).map { result[$0] - result[$0 - period] }
        }
        for _ in 0..<order.d where result.count > 1 { result = zip(result, result.dropFirst()).map { $1 - $0 } }
        return result
    }

    /// Any numbers → coefficients of a stationary, invertible process, by partial autocorrelations (Jones 1980).
    private static func natural(_ free: [Double], _ blocks: [Int]) -> [Double] {
        var result: [Double] = [], start = 0
        for (index, size) in blocks.enumerated() {
            var coefficients: [Double] = []
            for partial in free[start..<start + size].map({ tanh($0) }) {
                let before = coefficients
                for lag in before.indices { coefficients[lag] = before[lag] - partial * before[before.count - 1 - lag] }
                coefficients.append(partial)
            }
            // Moving averages have the other sign: 1 + θB is invertible where 1 − φB is stationary.
            result += index.isMultiple(of: 2) ? coefficients : coefficients.map { -$0 }
            start += size
        }
        return result
    }

    /// The products of the plain and the seasonal polynomials.
    private static func polynomials(
        _ natural: [Double], _ blocks: [Int], _ period: Int
    ) -> (phi: [Double], theta: [Double]) {
        let ends = blocks.indices.map { blocks[...$0].reduce(0, +) }
        func part(_ index: Int) -> [Double] { Array(natural[(ends[index] - blocks[index])..<ends[index]]) }
        func product(_ short: [Double], _ long: [Double], _ sign: Double) -> [Double] {
            var result = [Double](repeating: 0, count: short.count + long.count * period)
            for (lag, value) in short.enumerated() { result[lag] += value }
            for (season, value) in long.enumerated() {
                let base = (season + 1) * period
                result[base - 1] += value
                for (lag, other) in short.enumerated() { result[base + lag] += sign * value * other }
            }
            return result
        }
        return (product(part(0), part(2), -1), product(part(1), part(3), 1))
    }

    /// From the curvature of the likelihood, by central differences; nil where the estimate lies on a border.
    private static func errors(
        _ natural: [Double], _ count: Double, _ objective: ([Double]) -> Double
    ) -> [Double?] {
        let size = natural.count, step = 1e-3
        guard size > 0 else { return [] }
        var curvature = [Double](repeating: 0, count: size * size)
        func at(_ first: Int, _ up: Double, _ second: Int, _ other: Double) -> Double {
            var point = natural
            point[first] += up * step
            point[second] += other * step
            return objective(point)
        }
        for row in 0..<size {
            for column in 0...row {
                let value =
                    (at(row, 1, column, 1) - at(row, 1, column, -1) - at(row, -1, column, 1) + at(row, -1, column, -1))
                    / (4 * step * step) * count / 2
                (curvature[row * size + column], curvature[column * size + row]) = (value, value)
            }
        }
        guard curvature.allSatisfy(\.isFinite), let inverse = SymmetricSolve.inverse(curvature, size) else {
            return [Double?](repeating: nil, count: size)
        }
        return (0..<size).map { inverse[$0 * size + $0].squareRoot() }
    }

    /// Means and variances of the next values.
    func forecast(_ horizon: Int) -> (means: [Double], variances: [Double]) {
        var differenced: [Double] = [], moving = state
        let ar = phi + [Double](repeating: 0, count: max(0, moving.count - phi.count))
        for _ in 0..<horizon {
            let top = moving[0]
            for row in moving.indices {
                moving[row] = (row + 1 < moving.count ? moving[row + 1] : 0) + ar[row] * top
            }
            differenced.append(moving[0] + constant)
        }
        // The differences' polynomial, (1 − B)ᵈ(1 − Bˢ)ᴰ, says how a value follows from those before it.
        var polynomial = [1.0]
        func multiply(_ lag: Int) {
            polynomial += [Double](repeating: 0, count: lag)
            for index in stride(from: polynomial.count - 1, through: lag, by: -1) {
                polynomial[index] -= polynomial[index - lag]
            }
        }
        for _ in 0..<order.d { multiply(1) }
        for _ in 0..<(order.seasonalD ?? 0) { multiply(period) }
        var all = values
        for step in 0..<horizon {
            var value = differenced[step]
            for lag in 1..<max(polynomial.count, 1) { value -= polynomial[lag] * all[all.count - lag] }
            all.append(value)
        }
        return (Array(all.suffix(horizon)), variances(horizon, polynomial))
    }

    /// σ²·Σψ², with the differences taken into the autoregressive part.
    private func variances(_ horizon: Int, _ polynomial: [Double]) -> [Double] {
        let full = [1] + phi.map { -$0 }
        var product = [Double](repeating: 0, count: full.count + polynomial.count - 1)
        for (first, value) in full.enumerated() {
            for (second, other) in polynomial.enumerated() { product[first + second] += value * other }
        }
        var psi: [Double] = [], sum = 0.0
        return (0..<horizon).map { step in
            var weight = step == 0 ? 1 : (step <= theta.count ? theta[step - 1] : 0)
            for lag in 1..<max(product.count, 1) where lag <= step { weight -= product[lag] * psi[step - lag] }
            psi.append(weight)
            sum += weight * weight
            return sigmaSquared * sum
        }
    }
}
