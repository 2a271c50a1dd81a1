import Analytics
import Foundation
import PluginKit
import PluginTesting
import TestSupport
import Testing

@Suite("Analytics: models against textbooks")
struct AnalyticsModelTests {
    static func iris() throws -> (rows: [[Double]], labels: [String]) {
        let rows = try #require(AnalyticsCase.data.at("iris/x")?.arrayValue).map { try $0.numbers("") }
        let labels = try #require(AnalyticsCase.data.at("iris/species")?.arrayValue).compactMap(\.stringValue)
        return (rows, labels)
    }

    private func train(
        _ algorithm: [String: JSONValue], _ rows: [[Double]], _ labels: [String], seed: Int64 = 3
    ) async throws -> JSONValue {
        try await AnalyticsCase.run(
            "train",
            [
                "task": "classification", "algorithm": .object(algorithm), "seed": .integer(seed),
                "data": ["rows": .rows(rows), "labels": .strings(labels)],
            ])
    }

    @Test("Haykin's XOR: every multiplier is 1/8, and the decision is ±1")
    func exclusiveOr() async throws {
        let rows: [[Double]] = [[-1, -1], [-1, 1], [1, -1], [1, 1]]
        let output = try await train(
            [
                "name": "support_vector", "kernel": "polynomial", "degree": 2, "gamma": 1, "offset": 1,
                "cost": 1_000_000, "scale": false, "tolerance": 1e-10,
            ], rows, ["a", "b", "b", "a"])
        let weights = try output.numbers("model/members/0/body/machine/decisions/0/weights")
        #expect(weights.count == 4 && weights.allSatisfy { abs(abs($0) - 0.125) < 1e-9 }, "\(weights)")
        #expect(abs(try output.figure("model/members/0/body/machine/decisions/0/rho")) < 1e-9)
    }

    @Test("the ν-property: outliers ≤ ν ≤ support vectors", arguments: [0.05, 0.1, 0.3, 0.5])
    func nuProperty(nu: Double) async throws {
        let seed: UInt64 = 21
        var generator = SplitMix64(seed: seed)
        let rows = (0..<200).map { _ in (0..<2).map { _ in Double.random(in: -1...1, using: &generator) } }
        let output = try await AnalyticsCase.run(
            "train",
            [
                "task": "anomaly", "data": ["rows": .rows(rows)],
                "algorithm": ["name": "one_class", "nu": .double(nu), "tolerance": 1e-6],
            ])
        let outside = try output.numbers("scores").count { $0 > 1e-4 }
        let vectors = try output.numbers("model/members/0/body/machine/decisions/0/weights").count
        #expect(Double(outside) <= nu * 200 + 1 && Double(vectors) >= nu * 200 - 1, "seed \(seed)")
    }

    @Test("naive Bayes: the person of 6 feet, 130 pounds and shoe size 8 is female (Wikipedia's example)")
    func naiveBayes() async throws {
        let rows: [[Double]] = [
            [6, 180, 12], [5.92, 190, 11], [5.58, 170, 12], [5.92, 165, 10], [5, 100, 6], [5.5, 150, 8],
            [5.42, 130, 7], [5.75, 150, 9],
        ]
        let labels = ["male", "male", "male", "male", "female", "female", "female", "female"]
        let output = try await train(["name": "naive_bayes", "variance_correction": 1], rows, labels)
        let answer = try await AnalyticsCase.run(
            "predict", ["model": try #require(output.at("model")), "rows": [[6, 130, 8]]])
        #expect(answer.at("labels/0")?.stringValue == "female")
        // 6.197e-9 : 5.3779e-4
        let ratio = try answer.figure("probabilities/0/1") / answer.figure("probabilities/0/0")
        #expect(agrees(ratio, 6.1971e-9 / 5.3779e-4, digits: 3.5), "\(ratio)")
    }

    @Test("a network's first step: Mazur's worked example, weight for weight")
    func backPropagation() throws {
        var example = BackPropagationExample()
        #expect(abs(example.loss - 0.298371109) < 1e-9)
        example.step(rate: 0.5)
        let expected = [
            [0.149780716, 0.199561432, 0.249751144, 0.299502287], [0.35891648, 0.408666186, 0.51130127, 0.561370121],
        ]
        for (layer, weights) in expected.enumerated() {
            for (index, value) in weights.enumerated() { #expect(abs(example.weights(layer)[index] - value) < 1e-8) }
        }
        #expect(abs(example.loss - 0.291027774) < 1e-9)
    }

    @Test("back-propagation agrees with differences of the loss", arguments: [1, 2, 3])
    func gradient(seed: Int) {
        #expect(BackPropagationExample.largestGradientError(seed: seed) < 1e-6, "seed \(seed)")
    }

    @Test("information gain: Quinlan's fourteen days of tennis")
    func informationGain() async throws {
        func words(_ text: String) -> JSONValue { .strings(text.split(separator: " ").map(String.init)) }
        let output = try await AnalyticsCase.run(
            "information-gain",
            [
                "columns": [
                    "outlook": words("s s o r r r o s s r s o o r"),
                    "temperature": words("h h h m c c c m c m m m h m"),
                    "humidity": words("h h h h n n n h n n n h n h"), "wind": words("w s w w w s s w w w s s w s"),
                ], "labels": words("n n y y y n y n y y y y y n"),
            ])
        #expect(abs(try output.figure("entropy") - 0.9403) < 5e-5)
        let expected = [("outlook", 0.2467), ("humidity", 0.1518), ("wind", 0.0481), ("temperature", 0.0292)]
        for (index, (name, gain)) in expected.enumerated() {
            #expect(output.at("columns/\(index)/column")?.stringValue == name)
            #expect(abs(try output.figure("columns/\(index)/gain") - gain) < 1e-4)
        }
    }

    @Test("isolation forest: c(256), and a far point stands out")
    func isolation() async throws {
        #expect(abs(IsolationPath.average(256) - 10.244771) < 5e-7)
        #expect(IsolationPath.average(2) == 1 && IsolationPath.average(1) == 0)
        let seed: UInt64 = 2
        var generator = SplitMix64(seed: seed)
        var rows = (0..<300).map { _ in (0..<3).map { _ in Double.random(in: -1...1, using: &generator) } }
        rows.append([6, 6, 6])
        let output = try await AnalyticsCase.run(
            "train",
            ["task": "anomaly", "algorithm": ["name": "isolation_forest"], "data": ["rows": .rows(rows)], "seed": 9])
        let scores = try output.numbers("scores")
        #expect(scores.indices.max { scores[$0] < scores[$1] } == 300)
        #expect(output.at("anomalies")?.arrayValue?.contains(.integer(300)) == true)
    }

    @Test("a forest on Iris: at least 93 % of rows that a tree did not see")
    func forest() async throws {
        let (rows, labels) = try Self.iris()
        let output = try await train(["name": "forest"], rows, labels)
        #expect(try output.figure("out_of_bag_metrics/accuracy") >= 0.93)
        #expect(["x3", "x4"].contains(output.at("importance/0/feature")?.stringValue))
    }

    @Test(
        "every algorithm separates Iris, is the same again from the same seed, and predicts the same from its file",
        arguments: ["tree", "forest", "boosting", "support_vector", "network", "naive_bayes", "neighbours"])
    func classifiers(name: String) async throws {
        let (rows, labels) = try Self.iris()
        var algorithm: [String: JSONValue] = ["name": .string(name)]
        if name == "forest" || name == "boosting" { algorithm["trees"] = 20 }
        if name == "network" { algorithm["epochs"] = 60 }
        let output = try await train(algorithm, rows, labels), again = try await train(algorithm, rows, labels)
        #expect(output == again)
        #expect(try output.figure("training_metrics/accuracy") > 0.93)
        // Written as text and read again.
        let model = try #require(output.at("model")), file = try JSONEncoder().encode(model)
        let loaded = try JSONDecoder().decode(JSONValue.self, from: file)
        let first = try await AnalyticsCase.run("predict", ["model": model, "rows": .rows(rows)])
        let second = try await AnalyticsCase.run("predict", ["model": loaded, "rows": .rows(rows)])
        #expect(first == second)
        let predicted = try #require(first.at("labels")?.arrayValue).compactMap(\.stringValue)
        let accuracy = Double(zip(predicted, labels).count { $0 == $1 }) / 150
        #expect(abs(accuracy - (try output.figure("training_metrics/accuracy"))) < 1e-12)
    }

    @Test("regressions learn a curve", arguments: ["linear", "tree", "forest", "boosting", "network", "neighbours"])
    func regressors(name: String) async throws {
        let seed: UInt64 = 8
        var generator = SplitMix64(seed: seed)
        let rows = (0..<200).map { _ in [Double.random(in: 0...3, using: &generator)] }
        let target = rows.map { sin($0[0]) * 100 + 1_000 }
        let output = try await AnalyticsCase.run(
            "train",
            [
                "task": "regression", "algorithm": ["name": .string(name)], "seed": 1,
                "data": ["rows": .rows(rows), "target": .numbers(target)],
            ])
        #expect(try output.figure("training_metrics/r_squared") > (name == "linear" ? -0.01 : 0.97), "seed \(seed)")
    }

    @Test("a model that was changed is refused, not run")
    func tampering() async throws {
        let output = try await train(["name": "tree"], [[1], [2], [3], [4]], ["a", "a", "b", "b"])
        var text = String(decoding: try JSONEncoder().encode(try #require(output.at("model"))), as: UTF8.self)
        text = text.replacingOccurrences(of: "\"left\":[1", with: "\"left\":[0")
        let changed = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        let message = try await AnalyticsCase.refusal("predict", ["model": changed, "rows": [[1]]])
        #expect(message.contains("/model/members/0"), "\(message)")
        let wide = try await AnalyticsCase.refusal(
            "predict", ["model": try #require(output.at("model")), "rows": [[1, 2]]])
        #expect(wide.contains("/rows/0 has 2"), "\(wide)")
    }

    @Test(
        "training that makes no sense is refused",
        arguments: [
            ("classification", "linear", ["a", "b"], "does no classification"),
            ("classification", "tree", ["a", "a"], "only the class"), ("classification", "tree", ["a"], "1 values"),
            ("regression", "linear", ["a", "b"], "/data/target is absent"),
        ])
    func hostile(task: String, name: String, labels: [String], expected: String) async throws {
        let message = try await AnalyticsCase.refusal(
            "train",
            [
                "task": .string(task), "algorithm": ["name": .string(name)],
                "data": ["rows": [[1], [2]], "labels": .strings(labels)],
            ])
        #expect(message.contains(expected), "\(message)")
    }
}
