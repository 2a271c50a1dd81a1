import Analytics
import Foundation
import PluginKit
import PluginTesting
import TestSupport
import Testing

@Suite("Analytics: forecasts against R")
struct AnalyticsSeriesTests {
    private func run(_ series: String, _ method: String, _ more: [String: JSONValue] = [:]) async throws -> JSONValue {
        var input: [String: JSONValue] = [
            "values": try #require(AnalyticsCase.data.at(series)), "method": .string(method),
        ]
        input.merge(more) { $1 }
        return try await AnalyticsCase.run("forecast", .object(input))
    }

    private func near(_ output: JSONValue, _ path: String, _ expected: Double, _ tolerance: Double) throws {
        let value = try output.figure(path)
        #expect(abs(value - expected) <= tolerance, "\(path): \(value) for \(expected)")
    }

    @Test("Holt-Winters, multiplicative: HoltWinters(AirPassengers, seasonal = \"mult\")")
    func multiplicative() async throws {
        let output = try await run("air_passengers", "holt_winters_multiplicative", ["period": 12])
        try near(output, "fit/parameters/0/estimate", 0.2755925, 2e-4)
        try near(output, "fit/parameters/1/estimate", 0.03269295, 2e-4)
        try near(output, "fit/parameters/2/estimate", 0.8707292, 5e-4)
        // R stops a little before the least sum.
        #expect(try output.figure("fit/sse") <= 16570.7779 + 1e-3)
        try near(output, "fit/sse", 16570.7779, 0.05)
        try near(output, "fit/parameters/3/estimate", 469.3232206, 0.05)
        let expected = [
            447.0559, 419.7123, 464.8671, 496.0839, 507.5326, 575.4509, 666.5923, 657.9137, 550.3088, 492.9853,
            420.2073, 465.6345,
        ]
        for (index, value) in expected.enumerated() { try near(output, "forecasts/\(index)/value", value, 0.05) }
    }

    @Test("Holt-Winters additive, Holt and simple smoothing, as R fits them")
    func otherSmoothing() async throws {
        let additive = try await run("air_passengers", "holt_winters_additive", ["period": 12])
        try near(additive, "fit/parameters/0/estimate", 0.247959, 5e-4)
        try near(additive, "fit/parameters/1/estimate", 0.034534, 5e-4)
        try near(additive, "fit/parameters/2/estimate", 1, 1e-6)
        try near(additive, "fit/sse", 21860.18, 0.05)
        let holt = try await run("us_population", "holt")
        try near(holt, "fit/parameters/0/estimate", 1, 1e-3)
        try near(holt, "fit/parameters/1/estimate", 0.770906, 1e-3)
        try near(holt, "fit/sse", 299.5825, 0.01)
        let simple = try await run("nile", "simple")
        try near(simple, "fit/parameters/0/estimate", 0.2465579, 2e-4)
        try near(simple, "fit/sse", 2038871.8, 1)
        try near(simple, "forecasts/0/value", 805.0389, 0.05)
    }

    @Test("the airline model: arima(log(AirPassengers), c(0,1,1), c(0,1,1))")
    func airline() async throws {
        let output = try await AnalyticsCase.run("forecast", try AnalyticsCase.example("forecast"))
        try near(output, "fit/parameters/0/estimate", -0.4018, 5e-4)
        try near(output, "fit/parameters/1/estimate", -0.5569, 5e-4)
        try near(output, "fit/parameters/0/standard_error", 0.0896, 5e-4)
        try near(output, "fit/parameters/1/standard_error", 0.0731, 5e-4)
        try near(output, "fit/sigma_squared", 0.00134803, 2e-7)
        try near(output, "fit/log_likelihood", 244.70, 0.005)
        try near(output, "fit/aic", -483.40, 0.01)
        let expected = [
            450.42, 425.72, 479.01, 492.40, 509.05, 583.34, 670.01, 667.08, 558.19, 497.21, 429.87, 477.24,
        ]
        for (index, value) in expected.enumerated() { try near(output, "forecasts/\(index)/value", value, 0.05) }
        // The seasonal naive forecast of the last year, from R's accuracy().
        try near(output, "baseline/rmse", 50.7083, 1e-4)
        try near(output, "baseline/mape", 9.9875, 1e-4)
        try near(output, "baseline/mase", 1.5709, 1e-4)
        #expect(try output.figure("accuracy/rmse") < 25)
    }

    @Test("accuracy of multiplicative Holt-Winters on the last year of AirPassengers")
    func heldBack() async throws {
        let output = try await run("air_passengers", "holt_winters_multiplicative", ["period": 12, "holdout": 12])
        // R's optimiser stops at RMSE 16.5831 and MAPE 2.3657. The least sum of squares, 13287.0441 by scipy's
        // L-BFGS-B from near it, does better.
        try near(output, "accuracy/rmse", 15.9502, 1e-3)
        try near(output, "accuracy/mape", 2.25489, 1e-4)
    }

    @Test("ARIMA finds the coefficients that made a series, and its intervals hold what they promise")
    func recovery() async throws {
        let seed: UInt64 = 5
        var generator = SplitMix64(seed: seed), values: [Double] = [0, 0]
        for _ in 0..<800 {
            let noise = (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
            values.append(0.6 * values[values.count - 1] - 0.3 * values[values.count - 2] + noise)
        }
        let input: JSONValue = [
            "values": .numbers(Array(values.dropFirst(2).map { $0 + 10 })), "method": "arima", "horizon": 200,
            "order": ["p": 2, "d": 0, "q": 0],
        ]
        let output = try await AnalyticsCase.run("forecast", input)
        try near(output, "fit/parameters/0/estimate", 0.6, 0.1)
        try near(output, "fit/parameters/1/estimate", -0.3, 0.1)
        try near(output, "fit/parameters/2/estimate", 10, 0.25)
        // Far ahead, the forecast is the mean and its variance the series' own: (1 − φ₂)σ²/((1 + φ₂)((1 − φ₂)² − φ₁²)).
        try near(output, "forecasts/199/value", try output.figure("fit/parameters/2/estimate"), 1e-6)
        let width = try output.figure("forecasts/199/intervals/1/high") - output.figure("forecasts/199/value")
        #expect(abs(width / 1.959964 - (1.3 / (0.7 * (1.69 - 0.36))).squareRoot()) < 0.12, "seed \(seed)")
    }

    @Test("automatic compares methods on later values, and beats the naive one on a seasonal series")
    func automatic() async throws {
        let values = try AnalyticsCase.data.numbers("air_passengers")
        let output = try await AnalyticsCase.run(
            "forecast", ["values": .numbers(values), "method": "automatic", "period": 12, "horizon": 6])
        let best = try output.figure("candidates/0/mase")
        let naive = try #require(
            output.at("candidates")?.arrayValue?.first { $0.at("method")?.stringValue == "seasonal_naive" })
        #expect(best < (try naive.figure("mase")))
    }

    @Test(
        "series without an answer are refused with the place",
        arguments: [
            ([5.0, 5, 5, 5, 5, 5, 5, 5], "arima", 1, "constant"), ([1, 2], "simple", 1, "/values"),
            ([1, 2, 3, 4, 5, 6], "holt_winters_additive", 12, "at least 25"),
            ([1, 2, 0, 4, 5, 6, 7, 8, 9], "holt_winters_multiplicative", 2, "/values/2"),
            ([1, 2, 3, 1e300, 3], "simple", 1, "/values/3"), ([1, 2, 3, 4], "seasonal_naive", 4, "season of 4"),
        ])
    func hostile(values: [Double], method: String, period: Int64, expected: String) async throws {
        let message = try await AnalyticsCase.refusal(
            "forecast", ["values": .numbers(values), "method": .string(method), "period": .integer(period)])
        #expect(message.contains(expected), "\(message)")
    }

    @Test("a constant series is forecast to stay, with no spread")
    func constant() async throws {
        let output = try await AnalyticsCase.run(
            "forecast", ["values": .numbers([Double](repeating: 7, count: 20)), "method": "simple"])
        try near(output, "forecasts/3/value", 7, 0)
        try near(output, "forecasts/3/intervals/1/high", 7, 0)
    }
}
