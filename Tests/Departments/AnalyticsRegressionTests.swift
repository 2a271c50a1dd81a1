import Analytics
import Foundation
import PluginKit
import PluginTesting
import TestSupport
import Testing

@Suite("Analytics: regression against certified values")
struct AnalyticsRegressionTests {
    private func fit(_ x: [[Double]], _ y: [Double], degree: Int64 = 1) async throws -> JSONValue {
        try await AnalyticsCase.run(
            "regression",
            ["data": ["rows": .rows(x), "target": .numbers(y)], "degree": .integer(degree)])
    }

    private func check(
        _ output: JSONValue, _ estimates: [Double], errors: [Double] = [], digits: Double = 12
    ) throws {
        for (index, expected) in estimates.enumerated() {
            let value = try output.figure("coefficients/\(index)/estimate")
            #expect(agrees(value, expected, digits: digits), "\(index): \(value) for \(expected)")
        }
        for (index, expected) in errors.enumerated() {
            let value = try output.figure("coefficients/\(index)/standard_error")
            #expect(agrees(value, expected, digits: digits), "error \(index): \(value) for \(expected)")
        }
    }

    @Test("NIST StRD Norris")
    func norris() async throws {
        let x = try AnalyticsCase.data.numbers("norris/x"), y = try AnalyticsCase.data.numbers("norris/y")
        let output = try await fit(x.map { [$0] }, y)
        try check(
            output, [-0.262323073774029, 1.00211681802045], errors: [0.232818234301152, 0.429796848199937E-03])
        #expect(agrees(try output.figure("residual_standard_deviation"), 0.884796396144373, digits: 12))
        #expect(agrees(try output.figure("r_squared"), 0.999993745883712, digits: 14))
    }

    @Test("NIST StRD Longley: columns that almost follow from each other")
    func longley() async throws {
        let rows = try #require(AnalyticsCase.data.at("longley/x")?.arrayValue).map { try $0.numbers("") }
        let output = try await fit(rows, try AnalyticsCase.data.numbers("longley/y"))
        try check(
            output,
            [
                -3482258.63459582, 15.0618722713733, -0.358191792925910E-01, -2.02022980381683, -1.03322686717359,
                -0.511041056535807E-01, 1829.15146461355,
            ],
            errors: [
                890420.383607373, 84.9149257747669, 0.334910077722432E-01, 0.488399681651699, 0.214274163161675,
                0.226073200069370, 455.478499142212,
            ])
        #expect(agrees(try output.figure("residual_standard_deviation"), 304.854073561965, digits: 12))
        #expect(agrees(try output.figure("f_statistic"), 330.285339234588, digits: 10))
    }

    @Test("NIST StRD Filip: powers up to ten, where double precision alone loses most digits")
    func filip() async throws {
        let x = try AnalyticsCase.data.numbers("filip/x"), y = try AnalyticsCase.data.numbers("filip/y")
        let output = try await fit(x.map { [$0] }, y, degree: 10)
        try check(
            output,
            [
                -1467.48961422980, -2772.17959193342, -2316.37108160893, -1127.97394098372, -354.478233703349,
                -75.1242017393757, -10.8753180355343, -1.06221498588947, -0.670191154593408E-01,
                -0.246781078275479E-02, -0.402962525080404E-04,
            ], errors: [298.084530995537, 559.779865474950, 466.477572127796])
        #expect(agrees(try output.figure("residual_standard_deviation"), 0.334801051324544E-02, digits: 12))
    }

    @Test(
        "NIST StRD Wampler 1 to 5",
        arguments: [
            (0.0, 1.0, 0.0), (0, 0.1, 0), (1, 1, 2360.14502379268), (100, 1, 236014.502379268),
            (10_000, 1, 23601450.2379268),
        ])
    func wampler(noise: Double, base: Double, deviation: Double) async throws {
        let pattern: [Double] = [759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048]
        let errors = pattern + pattern.dropLast().reversed()
        let x = (0...20).map(Double.init)
        let y = x.map { x in
            (0...5).reduce(0) { $0 + pow(base, Double($1)) * pow(x, Double($1)) } + noise * errors[Int(x)]
        }
        let output = try await fit(x.map { [$0] }, y, degree: 5)
        // The decimal powers of Wampler 2 are rounded when they are written down.
        try check(output, (0...5).map { pow(base, Double($0)) }, digits: base == 1 ? 11 : 9)
        let value = try output.figure("residual_standard_deviation")
        #expect(deviation == 0 ? value < 1e-9 : agrees(value, deviation, digits: 12), "\(value)")
    }

    @Test("shifting and stretching a feature changes its coefficient and nothing else")
    func equivariance() async throws {
        let seed: UInt64 = 11
        var generator = SplitMix64(seed: seed)
        func uniform() -> Double { Double.random(in: -1...1, using: &generator) }
        let rows = (0..<40).map { _ in [uniform(), uniform()] }
        let y = rows.map { 3 + 2 * $0[0] - $0[1] + 0.1 * uniform() }
        let plain = try await fit(rows, y)
        let moved = try await fit(rows.map { [$0[0] * 1000 + 5, $0[1]] }, y)
        #expect(
            agrees(
                try moved.figure("coefficients/1/estimate") * 1000, try plain.figure("coefficients/1/estimate"),
                digits: 11),
            "seed \(seed)")
        #expect(agrees(try moved.figure("r_squared"), try plain.figure("r_squared"), digits: 12))
        #expect(
            agrees(try moved.figure("coefficients/2/p_value"), try plain.figure("coefficients/2/p_value"), digits: 8))
    }

    @Test("logistic: Spector and Mazzeo, as Greene prints it")
    func logistic() async throws {
        let grades = try AnalyticsCase.data.numbers("spector/grade")
        let output = try await AnalyticsCase.run(
            "logistic",
            [
                "data": [
                    "features": ["gpa", "tuce", "psi"], "rows": try #require(AnalyticsCase.data.at("spector/x")),
                    "labels": .strings(grades.map { $0 == 1 ? "yes" : "no" }),
                ]
            ])
        for (index, expected) in [-13.0213, 2.8261, 0.0952, 2.3787].enumerated() {
            #expect(abs(try output.figure("coefficients/\(index)/estimate") - expected) < 5e-5)
        }
        // Standard errors as statsmodels and Greene give them.
        for (index, expected) in [4.9313, 1.2629, 0.1416, 1.0646].enumerated() {
            #expect(abs(try output.figure("coefficients/\(index)/standard_error") - expected) < 1e-3)
        }
        #expect(abs(try output.figure("log_likelihood") + 12.88963) < 5e-6)
        #expect(abs(try output.figure("pseudo_r_squared") - 0.3740) < 1e-4)
    }

    @Test("separated classes have no estimate, and that is said")
    func separation() async throws {
        func ending(_ x: [Double], _ labels: String) async throws -> String? {
            try await AnalyticsCase.run(
                "logistic", ["data": ["rows": .rows(x.map { [$0] }), "labels": .strings(labels.map { String($0) })]]
            ).at("ending")?.stringValue
        }
        #expect(try await ending([1, 2, 3, 4, 5, 6], "aaabbb") == "complete_separation")
        #expect(try await ending([1, 2, 3, 3, 4, 5], "aaabbb") == "quasi_complete_separation")
        #expect(try await ending([1, 2, 3, 3.1, 2.9, 5, 6], "aaaabbb") == "converged")
    }

    @Test(
        "input without an answer is refused with the place",
        arguments: [
            ([[1.0], [2]], [1.0], "/data/target has 1 values for 2 rows"), ([[1], [2, 3]], [1, 2], "/data/rows/1"),
            ([], [], "/data/rows is empty"), ([[1, 2], [2, 4], [3, 6]], [1, 2, 4], "x2"),
            ([[1]], [1], "at least 2"), ([[1], [1e200]], [1, 2], "/data/rows/1/0"),
            ([[], []], [1, 2], "/data/rows/0"),
        ])
    func hostile(rows: [[Double]], target: [Double], expected: String) async throws {
        let message = try await AnalyticsCase.refusal(
            "regression", ["data": ["rows": .rows(rows), "target": .numbers(target)]])
        #expect(message.contains(expected), "\(message)")
    }
}
