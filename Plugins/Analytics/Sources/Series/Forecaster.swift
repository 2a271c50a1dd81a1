import Glibc
import PluginKit

/// One fitted method, ready to forecast.
struct Forecaster: Sendable {
    enum Model: Sendable {
        case smoothing(Smoothing)
        case arima(Arima)
        /// The last season again, with the variance of its errors.
        case naive(last: [Double], variance: Double, residuals: [Double])
    }

    let model: Model
    let method: ForecastInput.Method

    init(
        _ values: [Double], _ method: ForecastInput.Method, period: Int, order: ArimaOrder?
    ) throws(TaskFailure) {
        self.method = method
        switch method {
        case .simple:
            model = .smoothing(try Smoothing(values, .init(hasTrend: false, season: nil, period: 1)))
        case .holt:
            model = .smoothing(try Smoothing(values, .init(hasTrend: true, season: nil, period: 1)))
        case .holtWintersAdditive, .holtWintersMultiplicative:
            guard period >= 2 else { throw .invalid("/period: \(method.rawValue) needs a season of 2 values or more") }
            let season: Smoothing.Season = method == .holtWintersAdditive ? .additive : .multiplicative
            model = .smoothing(try Smoothing(values, .init(hasTrend: true, season: season, period: period)))
        case .arima:
            if let order {
                try order.check(period: period)
                model = .arima(try Arima(values, order, period: period))
            } else {
                model = .arima(try ArimaSearch.best(values, period: period))
            }
        case .seasonalNaive, .automatic:
            guard values.count > period else {
                throw .invalid("/values has \(values.count) numbers; a season of \(period) needs more than that")
            }
            let errors = (period..<values.count).map { values[$0] - values[$0 - period] }
            model = .naive(
                last: Array(values.suffix(period)), variance: Descriptive.mean(errors.map { $0 * $0 }),
                residuals: errors)
        }
    }

    func forecast(_ horizon: Int) -> (means: [Double], variances: [Double]) {
        switch model {
        case .smoothing(let smoothing): (smoothing.forecast(horizon), smoothing.variances(horizon))
        case .arima(let arima): arima.forecast(horizon)
        case .naive(let last, let variance, _):
            (
                (0..<horizon).map { last[$0 % last.count] },
                (0..<horizon).map { variance * Double($0 / last.count + 1) }
            )
        }
    }

    var residuals: [Double] {
        switch model {
        case .smoothing(let smoothing): smoothing.residuals
        case .arima(let arima): arima.residuals
        case .naive(_, _, let residuals): residuals
        }
    }

    var fit: ForecastOutput.Fit {
        switch model {
        case .smoothing(let smoothing):
            var parameters = [Coefficient(name: "alpha", estimate: smoothing.alpha)]
            if smoothing.form.hasTrend { parameters.append(Coefficient(name: "beta", estimate: smoothing.beta)) }
            if smoothing.form.season != nil {
                parameters.append(Coefficient(name: "gamma", estimate: smoothing.gamma))
            }
            parameters.append(Coefficient(name: "level", estimate: smoothing.level))
            if smoothing.form.hasTrend { parameters.append(Coefficient(name: "trend", estimate: smoothing.slope)) }
            parameters += smoothing.seasonal.enumerated().map {
                Coefficient(name: "season\($0 + 1)", estimate: $1)
            }
            return .init(
                method: method.rawValue, parameters: parameters, sse: smoothing.sse,
                sigmaSquared: Descriptive.variance(smoothing.residuals))
        case .arima(let arima):
            let parameters = zip(arima.names, zip(arima.estimates, arima.errors)).map { name, pair in
                let (value, error) = pair
                return Coefficient(
                    name: name, estimate: value, standardError: error, statistic: error.map { value / $0 },
                    pValue: error.map { 2 * Distributions.normalCDF(-(value / $0).magnitude) },
                    low: error.map { value - 1.959963984540054 * $0 },
                    high: error.map { value + 1.959963984540054 * $0 })
            }
            return .init(
                method: arima.order.text + (arima.period > 1 ? "[\(arima.period)]" : ""), parameters: parameters,
                sigmaSquared: arima.sigmaSquared, logLikelihood: arima.logLikelihood, aic: arima.aic,
                aicc: arima.aicc.isFinite ? arima.aicc : nil)
        case .naive(_, let variance, _):
            return .init(method: method.rawValue, parameters: [], sigmaSquared: variance)
        }
    }

    var fittedCorrelations: Int { if case .arima(let arima) = model { arima.names.count } else { 0 } }

    var source: String {
        switch method {
        case .simple, .holt: "Holt 1957; start values as R's HoltWinters"
        case .holtWintersAdditive, .holtWintersMultiplicative: "Winters 1960; start values as R's HoltWinters"
        case .arima: "Box and Jenkins 1970; likelihood: Gardner, Harvey and Phillips 1980"
        case .seasonalNaive, .automatic: "Hyndman and Athanasopoulos, Forecasting: Principles and Practice, §5.2"
        }
    }
}
