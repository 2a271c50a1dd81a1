import Glibc
import PluginKit

/// Exponential smoothing (Holt 1957, Winters 1960) by least squares of the one-step errors, with the start values of
/// R's `HoltWinters`, so that results can be compared.
struct Smoothing: Sendable {
    enum Season: String, Codable, CaseIterable, Sendable { case additive, multiplicative }

    struct Form: Sendable {
        var hasTrend: Bool
        var season: Season?
        var period: Int
    }

    let form: Form
    private(set) var alpha = 0.0
    private(set) var beta = 0.0
    private(set) var gamma = 0.0
    private(set) var level = 0.0
    private(set) var slope = 0.0
    /// The next period's first.
    private(set) var seasonal: [Double] = []
    private(set) var sse = 0.0
    private(set) var residuals: [Double] = []

    private struct State {
        var level: Double
        var slope: Double
        var seasonal: [Double]
    }

    init(_ values: [Double], _ form: Form) throws(TaskFailure) {
        self.form = form
        let least = form.season == nil ? (form.hasTrend ? 4 : 3) : 2 * form.period + 1
        guard values.count >= least else {
            throw .invalid("/values has \(values.count) numbers; this method needs at least \(least)")
        }
        if form.season == .multiplicative, let index = values.firstIndex(where: { $0 <= 0 }) {
            throw .invalid("/values/\(index) is \(values[index]); a multiplicative season needs numbers over zero")
        }
        try Check.work(3e4 * Double(values.count), "smoothing \(values.count) values")
        let (start, first) = Self.start(values, form)
        let size = form.season == nil ? (form.hasTrend ? 2 : 1) : 3
        func run(_ point: [Double]) -> (sse: Double, state: State, errors: [Double]?) {
            Self.filter(values, start, first, form, Self.weights(point, form), keepsErrors: false)
        }
        var best: (point: [Double], value: Double)?
        for guess in [[0.3, 0.1, 0.1], [0.8, 0.05, 0.5], [0.1, 0.5, 0.9]] {
            let found = Minimiser.minimum(
                from: Array(guess.prefix(size)), in: Array(repeating: 0...1, count: size), maximumCalls: 2_000
            ) { run($0).sse }
            if found.value < best?.value ?? .infinity { best = found }
        }
        guard let best, best.value.isFinite else {
            throw .invalid("/values: the errors left the range of numbers; use a larger unit")
        }
        let weights = Self.weights(best.point, form)
        (alpha, beta, gamma) = (weights[0], weights[1], weights[2])
        let end = Self.filter(values, start, first, form, weights, keepsErrors: true)
        (level, slope, seasonal) = (end.state.level, end.state.slope, end.state.seasonal)
        (sse, residuals) = (end.sse, end.errors ?? [])
        if form.season != nil {
            // The season that stands first belongs to the period after the last value.
            let shift = (values.count - first) % form.period
            seasonal = Array(seasonal[shift...] + seasonal[..<shift])
        }
    }

    private static func weights(_ point: [Double], _ form: Form) -> [Double] {
        point + [Double](repeating: 0, count: 3 - point.count)
    }

    /// Start values, and the first value that is forecast.
    private static func start(_ x: [Double], _ form: Form) -> (State, Int) {
        guard let season = form.season else {
            return form.hasTrend
                ? (State(level: x[1], slope: x[1] - x[0], seasonal: []), 2)
                : (State(level: x[0], slope: 0, seasonal: []), 1)
        }
        // Classical decomposition of the first two periods: a centred moving average, its line, the seasons around it.
        let f = form.period, half = f / 2
        var trend: [Double] = []
        for centre in half..<2 * f - half {
            var sum = 0.0
            for offset in -half...half {
                let isEnd = f.isMultiple(of: 2) && offset.magnitude == half
                sum += x[centre + offset] * (isEnd ? 0.5 : 1)
            }
            trend.append(sum / Double(f))
        }
        var figure = [Double](repeating: 0, count: f), counts = [Double](repeating: 0, count: f)
        for (index, value) in trend.enumerated() {
            let position = (index + half) % f, own = x[index + half]
            figure[position] += season == .additive ? own - value : own / value
            counts[position] += 1
        }
        figure = zip(figure, counts).map { $0 / max($1, 1) }
        let mean = Descriptive.mean(figure)
        figure = figure.map { season == .additive ? $0 - mean : $0 / mean }
        let middle = Double(trend.count + 1) / 2, average = Descriptive.mean(trend)
        var product = 0.0, square = 0.0
        for (index, value) in trend.enumerated() {
            let distance = Double(index + 1) - middle
            product += distance * (value - average)
            square += distance * distance
        }
        let slope = form.hasTrend && square > 0 ? product / square : 0
        return (State(level: average - slope * middle, slope: slope, seasonal: figure), f)
    }

    private static func filter(
        _ x: [Double], _ start: State, _ first: Int, _ form: Form, _ weights: [Double], keepsErrors: Bool
    ) -> (sse: Double, state: State, errors: [Double]?) {
        var state = start, sse = 0.0, errors: [Double] = []
        let (alpha, beta, gamma) = (weights[0], weights[1], weights[2])
        for index in first..<x.count {
            let position = form.season == nil ? 0 : (index - first) % form.period
            let base = state.level + state.slope
            let season = form.season == nil ? 0 : state.seasonal[position]
            let forecast = form.season == .multiplicative ? base * season : base + season
            let error = x[index] - forecast
            sse += error * error
            if keepsErrors { errors.append(error) }
            let cleaned = form.season == .multiplicative ? x[index] / season : x[index] - season
            let level = alpha * cleaned + (1 - alpha) * base
            state.slope = beta * (level - state.level) + (1 - beta) * state.slope
            state.level = level
            guard let kind = form.season else { continue }
            let own = kind == .multiplicative ? x[index] / level : x[index] - level
            state.seasonal[position] = gamma * own + (1 - gamma) * season
        }
        return (sse, state, keepsErrors ? errors : nil)
    }

    func forecast(_ horizon: Int) -> [Double] {
        (1...horizon).map { step in
            let base = level + slope * Double(step)
            guard let season = form.season else { return base }
            let factor = seasonal[(step - 1) % form.period]
            return season == .multiplicative ? base * factor : base + factor
        }
    }

    /// Variances of the forecasts' errors (Hyndman, Koehler, Ord and Snyder 2008, §6.2; for a multiplicative season
    /// Chatfield and Yar 1991, whose weights hold the ratio of the two seasons).
    func variances(_ horizon: Int) -> [Double] {
        let variance = Descriptive.variance(residuals), period = max(form.period, 1)
        func psi(_ lag: Int) -> Double {
            let season = form.season != nil && lag.isMultiple(of: period) ? gamma * (1 - alpha) : 0
            return alpha * (1 + Double(lag) * beta) + season
        }
        return (1...horizon).map { step in
            var sum = 0.0
            for lag in 0..<step {
                var weight = lag == 0 ? 1 : psi(lag)
                if form.season == .multiplicative {
                    let own = seasonal[(step - 1) % period],
                        other = seasonal[(step - 1 - lag % period + period) % period]
                    weight *= other == 0 ? 1 : own / other
                }
                sum += weight * weight
            }
            return variance * sum
        }
    }
}
