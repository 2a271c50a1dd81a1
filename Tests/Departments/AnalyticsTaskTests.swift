import Analytics
import Foundation
import PluginKit
import PluginTesting
import TestSupport
import Testing

@Suite("Analytics: selection, clusters, text, drift, streams and the registry")
struct AnalyticsTaskTests {
    @Test("automl on Iris beats the shares of the classes by far, twice alike")
    func automatic() async throws {
        let input = try AnalyticsCase.example("automl")
        let output = try await AnalyticsCase.run("automl", input)
        #expect(output.at("beats_baseline")?.boolValue == true)
        #expect(try output.figure("metrics/accuracy") > 0.93)
        #expect(try output.figure("score") <= output.figure("candidates/0/score"))
        #expect(try await AnalyticsCase.run("automl", input) == output)
    }

    @Test("in order of time nothing is learnt from the future: a target that repeats only later rows stays unknown")
    func leakage() async throws {
        let seed: UInt64 = 4
        var generator = SplitMix64(seed: seed)
        // Each value appears in two neighbouring rows: random folds find its twin, forward splits cannot.
        let twins = (0..<60).map { _ in Double.random(in: -1...1, using: &generator) }
        let rows = twins.enumerated().flatMap { [[Double($0.offset)], [Double($0.offset) + 0.1]] }
        let target = twins.flatMap { [$0, $0] }
        func score(isOrdered: Bool) async throws -> Double {
            let output = try await AnalyticsCase.run(
                "automl",
                [
                    "task": "regression", "is_time_ordered": .bool(isOrdered), "gap": isOrdered ? 1 : 0,
                    "data": ["rows": .rows(rows), "target": .numbers(target)],
                    "candidates": [["name": "neighbours", "neighbours": 1]],
                ])
            return try output.figure("score") / output.figure("baseline")
        }
        #expect(try await score(isOrdered: false) < 0.8, "seed \(seed)")
        #expect(try await score(isOrdered: true) > 0.95, "seed \(seed)")
    }

    private func clusters(_ method: String, _ more: [String: JSONValue]) async throws -> [Int64] {
        let rows: [[Double]] = [[0, 0], [0, 1], [1, 0], [10, 10], [10, 11], [11, 10], [50, 0]]
        var input: [String: JSONValue] = ["data": ["rows": .rows(rows)], "method": .string(method), "scale": false]
        input.merge(more) { $1 }
        let output = try await AnalyticsCase.run("cluster", .object(input))
        return try #require(output.at("labels")?.arrayValue).compactMap(\.integerValue)
    }

    @Test(
        "clusters that are plain to see are found by each method", arguments: ["single", "complete", "average", "ward"])
    func clusters(linkage: String) async throws {
        #expect(
            try await clusters("hierarchical", ["linkage": .string(linkage), "clusters": 3]) == [0, 0, 0, 1, 1, 1, 2])
        #expect(try await clusters("dbscan", ["radius": 1.5, "minimum_points": 2]) == [0, 0, 0, 1, 1, 1, -1])
        let means = try await clusters("k_means", ["clusters": 3, "seed": 4])
        #expect(Set(means[0...2]).count == 1 && Set(means[3...5]).count == 1 && Set(means).count == 3)
    }

    @Test(
        "VADER, as its README gives it",
        arguments: [
            ("VADER is smart, handsome, and funny.", 0.8316), ("VADER is smart, handsome, and funny!", 0.8439),
            ("VADER is very smart, handsome, and funny.", 0.8545),
            ("VADER is VERY SMART, handsome, and FUNNY.", 0.9227),
            ("VADER is VERY SMART, handsome, and FUNNY!!!", 0.9342),
            ("VADER is VERY SMART, uber handsome, and FRIGGIN FUNNY!!!", 0.9469),
            ("VADER is not smart, handsome, nor funny.", -0.7424), ("The book was good.", 0.4404),
            ("At least it isn't a horrible book.", 0.431), ("The book was only kind of good.", 0.3832),
            ("The plot was good, but the characters are uncompelling and the dialog is not great.", -0.7042),
            ("Today SUX!", -0.5461), ("Today only kinda sux! But I'll get by, lol", 0.5249),
            ("Make sure you :) or :D today!", 0.8633), ("Not bad at all", 0.431), ("", 0), ("12 34", 0),
        ])
    func sentiment(text: String, expected: Double) async throws {
        let output = try await AnalyticsCase.run("sentiment", ["texts": [.string(text)]])
        let value = try output.figure("scores/0/score/compound")
        #expect(value == expected, "\(value)")
    }

    @Test("multinomial naive Bayes: the worked example of Manning, Raghavan and Schütze, table 13.1")
    func text() async throws {
        let output = try await AnalyticsCase.run(
            "text-train",
            [
                "texts": [
                    "Chinese Beijing Chinese", "Chinese Chinese Shanghai", "Chinese Macao", "Tokyo Japan Chinese",
                ],
                "labels": ["yes", "yes", "yes", "no"],
            ])
        let answer = try await AnalyticsCase.run(
            "text-predict",
            ["model": try #require(output.at("model")), "texts": ["Chinese Chinese Chinese Tokyo Japan"]])
        #expect(answer.at("labels/0")?.stringValue == "yes")
        // 0.0003 : 0.0001 before rounding.
        let yes = 0.75 * pow(3.0 / 7, 3) / 196, no = 0.25 * pow(2.0 / 9, 5)
        #expect(agrees(try answer.figure("probabilities/0/1"), yes / (yes + no), digits: 12))
    }

    @Test("the stability index by its formula")
    func stability() {
        #expect(abs(StabilityIndex.value([0.2, 0.3, 0.3, 0.2], [0.1, 0.2, 0.3, 0.4]) - 0.248491) < 5e-7)
        let actual = [0.083, 0.094, 0.101, 0.099, 0.105, 0.112, 0.097, 0.106, 0.101, 0.102]
        #expect(abs(StabilityIndex.value([Double](repeating: 0.1, count: 10), actual) - 0.005653) < 5e-7)
    }

    @Test("drift fires where a feature has moved, and not where it has not", arguments: [1, 2, 3, 4, 5])
    func drift(seed: Int) async throws {
        var generator = SplitMix64(seed: UInt64(seed))
        func rows(_ shift: Double) -> JSONValue {
            [
                "rows": .rows(
                    (0..<400).map { _ in
                        (0..<2).map { shift * Double($0) + Double.random(in: -1...1, using: &generator) }
                    })
            ]
        }
        let stable = try await AnalyticsCase.run("drift", ["reference": rows(0), "current": rows(0)])
        #expect(stable.at("should_retrain")?.boolValue == false, "seed \(seed)")
        let moved = try await AnalyticsCase.run("drift", ["reference": rows(0), "current": rows(0.6)])
        #expect(moved.at("should_retrain")?.boolValue == true && moved.at("drifted_count") == 1, "seed \(seed)")
        #expect(moved.at("features/0/is_drifted")?.boolValue == false, "seed \(seed)")
    }

    @Test("a stream cut into batches anywhere gives the windows of the whole", arguments: [1, 2, 3])
    func streams(seed: Int) async throws {
        var generator = SplitMix64(seed: UInt64(seed))
        let events: [JSONValue] = (0..<300).map { index in
            [
                "key": .string(["a", "b"].randomElement(using: &generator) ?? "a"),
                "time_milliseconds": .integer(Int64(index * 100 + Int.random(in: -2_500...0, using: &generator))),
                "value": .double(Double.random(in: 0...9, using: &generator)),
            ]
        }
        func input(_ part: ArraySlice<JSONValue>, _ more: [String: JSONValue]) -> JSONValue {
            var input: [String: JSONValue] = [
                "events": .array(Array(part)), "window_milliseconds": 1000, "lateness_milliseconds": 400,
            ]
            input.merge(more) { $1 }
            return .object(input)
        }
        let whole = try await AnalyticsCase.run("stream-features", input(events[...], [:]))
        let harness = try TaskHarness(Analytics.self)
        var windows: [JSONValue] = [], late: [JSONValue] = [], start = 0
        while start < events.count {
            let end = min(events.count, start + Int.random(in: 1...90, using: &generator))
            let isLast = end == events.count
            let output: JSONValue = try await harness.run(
                "stream-features", input: input(events[start..<end], ["stream": "s", "flush": .bool(isLast)]))
            windows += output.at("windows")?.arrayValue ?? []
            late += output.at("late")?.arrayValue ?? []
            start = end
        }
        #expect(windows == whole.at("windows")?.arrayValue, "seed \(seed)")
        #expect(late == whole.at("late")?.arrayValue && !late.isEmpty, "seed \(seed)")
        let counted = try windows.reduce(0) { try $0 + Int($1.figure("count")) }
        #expect(counted + late.count == events.count)
    }

    @Test("a model's life: registered, promoted, watched, replaced, rolled back, invoked")
    func registry() async throws {
        let harness = try TaskHarness(Analytics.self)
        func call(_ task: String, _ input: JSONValue) async throws -> JSONValue {
            try await harness.run(task, input: input)
        }
        func model(_ slope: Double) async throws -> JSONValue {
            let output = try await call(
                "regression",
                [
                    "data": [
                        "features": ["a", "b"], "rows": [[0, 1], [1, 0], [2, 2]],
                        "target": .numbers([1, slope, 2 * slope]),
                    ]
                ])
            return try #require(output.at("model"))
        }
        for (version, error) in [(1, 3.0), (2, 2.0), (3, 2.5)] {
            let output = try await call(
                "model-register",
                [
                    "name": "demand", "model": try await model(Double(version)), "metrics": ["rmse": .double(error)],
                    "parent": version == 1 ? .null : .integer(Int64(version - 1)),
                ])
            #expect(output.at("version") == .integer(Int64(version)))
            #expect(output.at("digest")?.stringValue?.count == 64)
        }
        func promote(_ version: Int64, _ metric: JSONValue = .null) async throws -> JSONValue {
            try await call(
                "model-promote",
                ["name": "demand", "version": .integer(version), "stage": "production", "guard_metric": metric])
        }
        _ = try await promote(1)
        _ = try await promote(2, "rmse")
        let refused = await #expect(throws: TaskFailure.self) { _ = try await promote(3, "rmse") }
        #expect(refused?.status == .denied)
        let frame: JSONValue = ["columns": ["b", "a"], "data": [[0, 1]]]
        let second = try await call("model-invoke", ["name": "demand", "dataframe_split": frame])
        #expect(try second.at("version") == 2 && abs(second.figure("predictions/0") - 2) < 1e-12)
        let watched = try await call("model-observe", ["name": "demand", "metric": "rmse", "value": 2.6])
        #expect(watched.at("should_retrain")?.boolValue == true)
        _ = try await call("model-rollback", ["name": "demand", "reason": "errors rose"])
        let first = try await call("model-invoke", ["name": "demand", "dataframe_split": frame])
        #expect(try first.at("version") == 1 && abs(first.figure("predictions/0") - 1) < 1e-12)
        let shown = try await call("model-show", ["name": "demand"])
        let stages = shown.at("versions")?.arrayValue?.compactMap { $0.at("stage")?.stringValue }
        #expect(stages == ["production", "archived", "none"])
        #expect(shown.at("history")?.arrayValue?.last?.at("replaced") == 2)
        let end = await #expect(throws: TaskFailure.self) {
            _ = try await call("model-rollback", ["name": "demand", "reason": "again"])
        }
        #expect(end?.message.contains("first in production") == true)
    }

    @Test("experiments sort by a metric; an unknown name is not found")
    func experiments() async throws {
        let harness = try TaskHarness(Analytics.self)
        for value in [3.0, 1, 2] {
            let _: JSONValue = try await harness.run(
                "experiment-log", input: ["experiment": "e", "metrics": ["rmse": .double(value)]] as JSONValue)
        }
        let list: JSONValue = try await harness.run(
            "experiment-list", input: ["experiment": "e", "metric": "rmse"] as JSONValue)
        #expect(list.at("trials")?.arrayValue?.compactMap { $0.at("metrics/rmse")?.doubleValue } == [1, 2, 3])
        let message = try await AnalyticsCase.refusal("model-show", ["name": "none"])
        #expect(message.contains("none"))
    }

    @Test(
        "hostile input is refused with the place",
        arguments: [
            ("cluster", #"{"data":{"rows":[[1]]},"method":"k_means","clusters":2}"#, "/clusters"),
            ("cluster", #"{"data":{"rows":[[1],[2]]},"method":"dbscan"}"#, "/radius"),
            ("drift", #"{"reference":{"rows":[[1]]},"current":{"rows":[[1]]}}"#, "/reference/rows"),
            ("automl", #"{"task":"regression","data":{"rows":[[1],[2]],"target":[1,2]}}"#, "/data/rows"),
            ("text-train", #"{"texts":["a","b"],"labels":["x"]}"#, "/labels"),
            ("stream-features", #"{"events":[],"window_milliseconds":0}"#, "/window_milliseconds"),
            (
                "stream-features",
                #"{"events":[{"key":"a","time_milliseconds":9223372036854775807,"value":1}],"window_milliseconds":9}"#,
                "/events/0/time_milliseconds"
            ),
            ("experiment-log", #"{"experiment":"A B","metrics":{}}"#, "/experiment"),
        ])
    func hostile(task: String, input: String, expected: String) async throws {
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(input.utf8))
        let message = try await AnalyticsCase.refusal(task, value)
        #expect(message.contains(expected), "\(message)")
    }
}
