import Glibc
import PluginKit

struct LogisticInput: Codable, Sendable, SchemaDescribing {
    var data: Dataset
    /// The class whose odds are modelled; the later of the two by default.
    var positive: String?
    var confidence: Double?

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("positive", "The class whose odds are modelled. Default: the later by its bytes.")
        schema.property("confidence", "Of the intervals. Default 0.95.", minimum: 0.5, maximum: 0.9999)
    }
}

struct LogisticOutput: Codable, Sendable {
    var ending: LogisticFit.Ending
    var positive: String
    /// Empty where the classes are separated: there is no estimate.
    var coefficients: [Coefficient]
    var logLikelihood: Double?
    var nullLogLikelihood: Double
    /// 1 − log-likelihood / that of the constant alone (McFadden 1974).
    var pseudoRSquared: Double?
    var likelihoodRatioPValue: Double?
    var iterations: Int
    var rows: Int
    var metrics: Metrics?
    var model: ModelDocument?
    var warnings: [String]
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case ending, positive, coefficients, iterations, rows, metrics, model, warnings, evidence
        case logLikelihood = "log_likelihood"
        case nullLogLikelihood = "null_log_likelihood"
        case pseudoRSquared = "pseudo_r_squared"
        case likelihoodRatioPValue = "likelihood_ratio_p_value"
    }
}

enum LogisticTask {
    static func run(_ input: LogisticInput) throws(TaskFailure) -> LogisticOutput {
        let data = try CheckedData(input.data)
        var (classes, truth) = try data.classes()
        guard classes.count == 2 else {
            throw .invalid("/data/labels holds \(classes.count) classes; a logistic regression tells two apart")
        }
        if let positive = input.positive {
            guard let index = classes.firstIndex(of: positive) else {
                throw .invalid("/positive is \"\(positive)\"; the classes are \"\(classes[0])\" and \"\(classes[1])\"")
            }
            if index == 0 {
                classes.swapAt(0, 1)
                truth = truth.map { 1 - $0 }
            }
        }
        let confidence = input.confidence ?? 0.95
        try Check.range(confidence, 0.5...0.9999, at: "/confidence")
        let (fit, scaling) = try fit(data, truth, ridge: 0)
        var output = LogisticOutput(
            ending: fit.ending, positive: classes[1], coefficients: [], nullLogLikelihood: fit.nullLogLikelihood,
            iterations: fit.iterations, rows: truth.count, warnings: [], evidence: evidence(data))
        guard fit.ending == .converged else {
            output.warnings.append(
                fit.ending == .stalled
                    ? "the likelihood could not be maximised; look for columns of very different size"
                    : "a plane separates the classes, so that the likelihood grows without bound and no coefficient "
                        + "has an estimate: drop or join columns, add rows, or train logistic with a ridge")
            return output
        }
        let (coefficients, errors) = unscaled(fit, scaling)
        let names = ["(intercept)"] + data.features, z = Distributions.normalQuantile((1 + confidence) / 2)
        for (index, name) in names.enumerated() {
            let (value, error) = (coefficients[index], errors[index])
            output.coefficients.append(
                Coefficient(
                    name: name, estimate: value, standardError: error, statistic: value / error,
                    pValue: 2 * Distributions.normalCDF(-(value / error).magnitude), low: value - z * error,
                    high: value + z * error))
        }
        output.logLikelihood = fit.logLikelihood
        output.pseudoRSquared = 1 - fit.logLikelihood / fit.nullLogLikelihood
        output.likelihoodRatioPValue = Distributions.chiSquareUpper(
            2 * (fit.logLikelihood - fit.nullLogLikelihood), degrees: Double(data.features.count))
        let model = ModelDocument(
            task: .classification, data: data, classes: classes, seed: 0, method: "logistic regression",
            bodies: [
                ModelBody(
                    linear: LinearModel(
                        intercept: coefficients[0], weights: Array(coefficients.dropFirst()), degree: 1, link: .logit))
            ])
        output.metrics = Metrics(probabilities: model.outputs(data.matrix), actual: truth, classCount: 2)
        output.model = model
        return output
    }

    /// Fits on scaled columns. A column that follows from others is found by QR and named.
    static func fit(
        _ data: CheckedData, _ truth: [Int], ridge: Double
    ) throws(TaskFailure) -> (LogisticFit, Scaling) {
        if ridge == 0 { _ = try LinearFit(data.matrix, truth.map(Double.init), names: data.features) }
        let scaling = Scaling(data.matrix), scaled = scaling.apply(data.matrix)
        var design = Matrix(rowCount: scaled.rowCount, columnCount: scaled.columnCount + 1)
        for row in 0..<scaled.rowCount {
            design[row, 0] = 1
            for column in 0..<scaled.columnCount { design[row, column + 1] = scaled[row, column] }
        }
        return (try LogisticFit(design, truth, ridge: ridge), scaling)
    }

    /// Coefficients and standard errors for the columns as they came.
    static func unscaled(_ fit: LogisticFit, _ scaling: Scaling) -> (values: [Double], errors: [Double]) {
        let size = fit.coefficients.count
        var values = fit.coefficients, first = [Double](repeating: 0, count: size)
        first[0] = 1
        for index in 1..<size {
            values[index] /= scaling.scales[index - 1]
            values[0] -= values[index] * scaling.means[index - 1]
            first[index] = -scaling.means[index - 1] / scaling.scales[index - 1]
        }
        guard fit.inverse.count == size * size else { return (values, []) }
        var errors = (0..<size).map { fit.inverse[$0 * size + $0].squareRoot() }
        for index in 1..<size { errors[index] /= scaling.scales[index - 1] }
        var variance = 0.0
        for row in 0..<size {
            for column in 0..<size { variance += first[row] * first[column] * fit.inverse[row * size + column] }
        }
        errors[0] = variance.squareRoot()
        return (values, errors)
    }

    private static func evidence(_ data: CheckedData) -> Evidence {
        Evidence(
            method: "logistic regression by iteratively reweighted least squares",
            source: "McCullagh and Nelder 1989, §2.5; separation: Albert and Anderson 1984",
            inputs: "\(data.matrix.rowCount) rows, \(data.features.count) features",
            assumptions: ["rows are independent", "the logarithm of the odds is linear in the columns"],
            uncertainty: "Wald intervals; the likelihood-ratio p value is for all features together")
    }
}
