import Glibc
import PluginKit

struct RegressionInput: Codable, Sendable, SchemaDescribing {
    var data: Dataset
    /// With one feature: fits its powers up to this one.
    var degree: Int?
    var intercept: Bool?
    var confidence: Double?

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("degree", "Powers of the one feature. Default 1.", minimum: 1, maximum: 20)
        schema.property("intercept", "Whether a constant is fitted. Default true.")
        schema.property("confidence", "Of the intervals. Default 0.95.", minimum: 0.5, maximum: 0.9999)
    }
}

struct Coefficient: Codable, Sendable {
    var name: String
    var estimate: Double
    var standardError: Double?
    /// t for least squares, z for a logistic regression.
    var statistic: Double?
    var pValue: Double?
    var low: Double?
    var high: Double?

    enum CodingKeys: String, CodingKey {
        case name, estimate, statistic, low, high
        case standardError = "standard_error"
        case pValue = "p_value"
    }
}

struct RegressionOutput: Codable, Sendable {
    var coefficients: [Coefficient]
    /// Absent where the rows are only as many as the coefficients.
    var residualStandardDeviation: Double?
    var residualSumOfSquares: Double
    var rSquared: Double?
    var adjustedRSquared: Double?
    var fStatistic: Double?
    var fPValue: Double?
    var degreesOfFreedom: Int
    var rows: Int
    var model: ModelDocument
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case coefficients, rows, model, evidence
        case residualStandardDeviation = "residual_standard_deviation"
        case residualSumOfSquares = "residual_sum_of_squares"
        case rSquared = "r_squared"
        case adjustedRSquared = "adjusted_r_squared"
        case fStatistic = "f_statistic"
        case fPValue = "f_p_value"
        case degreesOfFreedom = "degrees_of_freedom"
    }
}

enum RegressionTask {
    static func run(_ input: RegressionInput) throws(TaskFailure) -> RegressionOutput {
        let data = try CheckedData(input.data), target = try data.numbers()
        let degree = input.degree ?? 1, hasIntercept = input.intercept ?? true
        try Check.range(degree, 1...20, at: "/degree")
        let confidence = input.confidence ?? 0.95
        try Check.range(confidence, 0.5...0.9999, at: "/confidence")
        guard degree == 1 || data.features.count == 1 else {
            throw .invalid("/degree is \(degree), which needs one feature; there are \(data.features.count)")
        }
        let largest = data.matrix.values.reduce(0) { max($0, $1.magnitude) }
        guard pow(largest, Double(degree)) <= Check.largestMagnitude else {
            throw .invalid("/data/rows: \(largest) to the power \(degree) is too large; use a larger unit")
        }
        let names =
            degree == 1 ? data.features : (1...degree).map { $0 == 1 ? data.features[0] : "\(data.features[0])^\($0)" }
        let fit = try LinearFit(data.matrix, target, names: names, degree: degree, hasIntercept: hasIntercept)
        return output(fit, input, data, target, names: hasIntercept ? ["(intercept)"] + names : names, confidence)
    }

    private static func output(
        _ fit: LinearFit, _ input: RegressionInput, _ data: CheckedData, _ target: [Double], names: [String],
        _ confidence: Double
    ) -> RegressionOutput {
        let count = target.count, free = count - names.count, hasIntercept = input.intercept ?? true
        let variance = free > 0 ? fit.residualSumOfSquares / Double(free) : nil
        let total: Double =
            hasIntercept
            ? Descriptive.variance(target, correction: 0) * Double(count)
            : target.reduce(0) { $0 + $1 * $1 }
        let explained = names.count - (hasIntercept ? 1 : 0)
        var output = RegressionOutput(
            coefficients: [], residualStandardDeviation: variance?.squareRoot(),
            residualSumOfSquares: fit.residualSumOfSquares, degreesOfFreedom: free, rows: count,
            model: ModelDocument(
                task: .regression, data: data, classes: nil, seed: 0, method: "least squares",
                bodies: [ModelBody(linear: fit.model(degree: input.degree ?? 1))]),
            evidence: evidence(fit, count, names.count))
        if total > 0 {
            let share = fit.residualSumOfSquares / total
            output.rSquared = 1 - share
            if free > 0 {
                output.adjustedRSquared = 1 - share * Double(count - (hasIntercept ? 1 : 0)) / Double(free)
            }
        }
        if let variance, variance > 0, explained > 0, total > 0 {
            let statistic = max(0, total - fit.residualSumOfSquares) / Double(explained) / variance
            output.fStatistic = statistic
            output.fPValue = Distributions.fisherUpper(statistic, Double(explained), Double(free))
        }
        let width = free > 0 ? Distributions.studentQuantile((1 + confidence) / 2, degrees: Double(free)) : 0
        for (index, name) in names.enumerated() {
            var row = Coefficient(name: name, estimate: fit.coefficients[index])
            if let variance {
                let error = (variance * fit.inverse[index * names.count + index]).squareRoot()
                row.standardError = error
                row.low = row.estimate - width * error
                row.high = row.estimate + width * error
                if error > 0 {
                    row.statistic = row.estimate / error
                    row.pValue = Distributions.studentTwoSided(row.estimate / error, degrees: Double(free))
                }
            }
            output.coefficients.append(row)
        }
        return output
    }

    private static func evidence(_ fit: LinearFit, _ rows: Int, _ columns: Int) -> Evidence {
        Evidence(
            method: "ordinary least squares by Householder QR on scaled columns, in "
                + (fit.isExtended ? "double-double arithmetic" : "double precision"),
            source: "Golub and Van Loan, Matrix Computations, §5.3; checked against NIST StRD (linear regression)",
            inputs: "\(rows) rows, \(columns) coefficients",
            assumptions: [
                "the target is linear in the columns",
                "errors are independent, of equal variance, and normal where intervals and p values are used",
            ],
            uncertainty: "intervals and p values from Student's t")
    }
}
