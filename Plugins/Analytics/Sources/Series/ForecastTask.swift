import Glibc
import PluginKit

struct ForecastInput: Codable, Sendable, SchemaDescribing {
    enum Method: String, Codable, CaseIterable, Sendable {
        case simple, holt
        case holtWintersAdditive = "holt_winters_additive"
        case holtWintersMultiplicative = "holt_winters_multiplicative"
        case arima
        case seasonalNaive = "seasonal_naive"
        case automatic
    }

    /// Equally spaced, the oldest first.
    var values: [Double]
    var method: Method
    /// Values in a season: 12 for months in a year. 1: no season.
    var period: Int?
    var horizon: Int?
    var levels: [Double]?
    var order: ArimaOrder?
    /// Works on logarithms; forecasts and intervals are taken back.
    var logarithm: Bool?
    /// Keeps so many values back and compares forecasts with them.
    var holdout: Int?

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("values", "Equally spaced, the oldest first.", minItems: 3, maxItems: 100_000)
        schema.property("method", "automatic compares all on held-back values and takes the best.")
        schema.property("period", "Values in a season. Default 1: none.", minimum: 1, maximum: 1000)
        schema.property("horizon", "How many values to forecast. Default 12.", minimum: 1, maximum: 1000)
        schema.property("levels", "Of the intervals. Default [0.8, 0.95].", minimum: 0.01, maximum: 0.9999, maxItems: 5)
        schema.property("order", "For arima; found by AICc if absent.")
        schema.property("logarithm", "Works on logarithms: for growth in percent. Default false.")
        schema.property("holdout", "Values kept back to measure accuracy. Default 0.", minimum: 0, maximum: 10_000)
    }
}

struct ForecastOutput: Codable, Sendable {
    struct Step: Codable, Sendable {
        var step: Int
        var value: Double
        var intervals: [Interval]
    }

    struct Interval: Codable, Sendable {
        var level: Double
        var low: Double
        var high: Double
    }

    struct Fit: Codable, Sendable {
        var method: String
        var parameters: [Coefficient]
        var sse: Double?
        var sigmaSquared: Double
        var logLikelihood: Double?
        var aic: Double?
        var aicc: Double?

        enum CodingKeys: String, CodingKey {
            case method, parameters, sse, aic, aicc
            case sigmaSquared = "sigma_squared"
            case logLikelihood = "log_likelihood"
        }
    }

    var forecasts: [Step]
    var fit: Fit
    /// On the values kept back.
    var accuracy: Accuracy?
    /// The seasonal naive forecast's on the same values: a method worth its name does better.
    var baseline: Accuracy?
    /// Of `automatic`: all that were tried, the best first.
    var candidates: [Candidate]?
    var diagnostics: Diagnostics
    var warnings: [String]
    var evidence: Evidence

    struct Candidate: Codable, Sendable {
        var method: String
        var mase: Double
        var error: String?
    }
}

struct Accuracy: Codable, Sendable {
    var rmse: Double
    var mae: Double
    /// In percent; absent where a value is zero.
    var mape: Double?
    /// Over the mean error of the seasonal naive forecast inside the series (Hyndman and Koehler 2006).
    var mase: Double?

    init(_ forecasts: [Double], _ actual: [Double], training: [Double], period: Int) {
        let errors = zip(forecasts, actual).map { $1 - $0 }
        rmse = Descriptive.mean(errors.map { $0 * $0 }).squareRoot()
        mae = Descriptive.mean(errors.map(\.magnitude))
        if !actual.contains(0) {
            mape = 100 * Descriptive.mean(zip(errors, actual).map { ($0 / $1).magnitude })
        }
        guard training.count > period else { return }
        let scale = Descriptive.mean((period..<training.count).map { (training[$0] - training[$0 - period]).magnitude })
        mase = scale > 0 ? mae / scale : nil
    }
}

/// Whether the one-step errors still hold structure (Ljung and Box 1978).
struct Diagnostics: Codable, Sendable {
    var lags: Int
    var ljungBox: Double
    var pValue: Double

    enum CodingKeys: String, CodingKey {
        case lags
        case ljungBox = "ljung_box"
        case pValue = "p_value"
    }

    /// - Parameter fitted: how many coefficients were fitted to the correlations.
    init(_ residuals: [Double], lags: Int, fitted: Int) {
        let count = residuals.count, most = max(1, min(lags, count - 1)), mean = Descriptive.mean(residuals)
        let centred = residuals.map { $0 - mean }, total = centred.reduce(0) { $0 + $1 * $1 }
        var sum = 0.0
        for lag in 1...most where total > 0 && lag < count {
            var product = 0.0
            for index in lag..<count { product += centred[index] * centred[index - lag] }
            sum += product / total * (product / total) / Double(count - lag)
        }
        self.lags = most
        ljungBox = Double(count) * Double(count + 2) * sum
        pValue = Distributions.chiSquareUpper(ljungBox, degrees: Double(max(1, most - fitted)))
    }
}

enum ForecastTask {
    static func run(_ input: ForecastInput, progress: (Double, String) -> Void) throws(TaskFailure) -> ForecastOutput {
        let period = input.period ?? 1, horizon = input.horizon ?? 12, holdout = input.holdout ?? 0
        try Check.range(input.values.count, 3...100_000, at: "/values (count)")
        try Check.finite(input.values, at: "/values")
        try Check.range(period, 1...1000, at: "/period")
        try Check.range(horizon, 1...1000, at: "/horizon")
        let levels = input.levels ?? [0.8, 0.95]
        for (index, level) in levels.enumerated() { try Check.range(level, 0.01...0.9999, at: "/levels/\(index)") }
        guard input.order == nil || input.method == .arima else {
            throw .invalid("/order is for arima; /method is \(input.method.rawValue)")
        }
        guard holdout >= 0, holdout < input.values.count - 2 else {
            throw .invalid("/holdout is \(holdout) of \(input.values.count) values; keep at least 3 to learn from")
        }
        let isLogarithm = input.logarithm ?? false
        if isLogarithm, let index = input.values.firstIndex(where: { $0 <= 0 }) {
            throw .invalid("/values/\(index) is \(input.values[index]); a logarithm needs numbers over zero")
        }
        let series = isLogarithm ? input.values.map { log($0) } : input.values
        var method = input.method, candidates: [ForecastOutput.Candidate]?
        if method == .automatic {
            (method, candidates) = try automatic(input, series, period, isLogarithm, progress)
        }
        let forecaster = try Forecaster(series, method, period: period, order: input.order)
        var output = output(forecaster, horizon, levels, isLogarithm, period, input)
        output.candidates = candidates
        if holdout > 0 {
            progress(0.8, "comparing with \(holdout) values kept back")
            let training = Array(series.dropLast(holdout)), actual = Array(input.values.suffix(holdout))
            output.accuracy = try accuracy(method, training, actual, input, isLogarithm, period)
            output.baseline = try accuracy(.seasonalNaive, training, actual, input, isLogarithm, period)
            if let own = output.accuracy, let other = output.baseline, own.rmse >= other.rmse,
                method != .seasonalNaive
            {
                output.warnings.append("on the values kept back the seasonal naive forecast was as good or better")
            }
        }
        if output.diagnostics.pValue < 0.05 {
            output.warnings.append("the errors are still correlated (Ljung-Box): intervals are too narrow")
        }
        return output
    }

    private static func back(_ value: Double, _ isLogarithm: Bool) -> Double { isLogarithm ? exp(value) : value }

    private static func accuracy(
        _ method: ForecastInput.Method, _ training: [Double], _ actual: [Double], _ input: ForecastInput,
        _ isLogarithm: Bool, _ period: Int
    ) throws(TaskFailure) -> Accuracy {
        let forecaster = try Forecaster(training, method, period: period, order: input.order)
        let means = forecaster.forecast(actual.count).means.map { back($0, isLogarithm) }
        return Accuracy(means, actual, training: training.map { back($0, isLogarithm) }, period: period)
    }

    /// Forecasts the last values from those before them, from up to three origins, and takes the least mean error.
    private static func automatic(
        _ input: ForecastInput, _ series: [Double], _ period: Int, _ isLogarithm: Bool,
        _ progress: (Double, String) -> Void
    ) throws(TaskFailure) -> (ForecastInput.Method, [ForecastOutput.Candidate]) {
        let test = max(1, min(input.horizon ?? 12, series.count / 5))
        let origins = (1...3).map { series.count - $0 * test }.filter { $0 > max(2 * period + 1, 5) }
        guard !origins.isEmpty else {
            throw .invalid(
                "/values has \(series.count) numbers, too few to compare methods with period \(period): name a method")
        }
        var methods: [ForecastInput.Method] = [.seasonalNaive, .simple, .holt, .arima]
        if period > 1 {
            methods.append(.holtWintersAdditive)
            if series.allSatisfy({ $0 > 0 }) { methods.append(.holtWintersMultiplicative) }
        }
        var results: [(method: ForecastInput.Method, candidate: ForecastOutput.Candidate)] = []
        for (index, method) in methods.enumerated() {
            progress(Double(index) / Double(methods.count) * 0.7, method.rawValue)
            var errors: [Double] = []
            do throws(TaskFailure) {
                for origin in origins {
                    let actual = Array(input.values[origin..<origin + test])
                    let found = try accuracy(
                        method, Array(series[..<origin]), actual, input, isLogarithm, period)
                    errors.append(found.mase ?? found.mae)
                }
                results.append((method, .init(method: method.rawValue, mase: Descriptive.mean(errors))))
            } catch {
                results.append((method, .init(method: method.rawValue, mase: 1e300, error: error.message)))
            }
        }
        results.sort { $0.candidate.mase < $1.candidate.mase }
        return (results[0].method, results.map(\.candidate))
    }

    private static func output(
        _ forecaster: Forecaster, _ horizon: Int, _ levels: [Double], _ isLogarithm: Bool, _ period: Int,
        _ input: ForecastInput
    ) -> ForecastOutput {
        let (means, variances) = forecaster.forecast(horizon)
        let steps = means.indices.map { index in
            ForecastOutput.Step(
                step: index + 1, value: back(means[index], isLogarithm),
                intervals: levels.map { level in
                    let width = Distributions.normalQuantile((1 + level) / 2) * variances[index].squareRoot()
                    return .init(
                        level: level, low: back(means[index] - width, isLogarithm),
                        high: back(means[index] + width, isLogarithm))
                })
        }
        let lags = period > 1 ? min(2 * period, max(1, forecaster.residuals.count / 5)) : 10
        return ForecastOutput(
            forecasts: steps, fit: forecaster.fit,
            diagnostics: Diagnostics(forecaster.residuals, lags: lags, fitted: forecaster.fittedCorrelations),
            warnings: [],
            evidence: Evidence(
                method: forecaster.fit.method + (isLogarithm ? " of logarithms" : ""), source: forecaster.source,
                inputs: "\(input.values.count) values, period \(period)",
                assumptions: [
                    "values are equally spaced, and the future behaves as the past did",
                    "errors are normal, independent and of equal variance, for the intervals",
                ] + (isLogarithm ? ["a forecast taken back from logarithms is the median, not the mean"] : []),
                uncertainty: "intervals hold the spread of future errors, not that of the estimated parameters"))
    }
}
