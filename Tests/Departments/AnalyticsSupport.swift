import Analytics
import Foundation
import PluginKit
import PluginTesting
import Testing

/// Runs tasks of Analytics by JSON, as a host does.
enum AnalyticsCase {
    /// Public data sets; their sources are in the file.
    static let data: JSONValue = {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Fixtures/analytics.json")
        guard let bytes = try? Data(contentsOf: url) else { return .null }
        return (try? JSONDecoder().decode(JSONValue.self, from: bytes)) ?? .null
    }()

    static func run(_ task: String, _ input: JSONValue) async throws -> JSONValue {
        try await TaskHarness(Analytics.self).run(task, input: input)
    }

    static func refusal(_ task: String, _ input: JSONValue) async throws -> String {
        let failure = await #expect(throws: TaskFailure.self, "\(task)") { _ = try await run(task, input) }
        return failure?.message ?? ""
    }

    static func example(_ name: String) throws -> JSONValue {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appendingPathComponent("Plugins/Analytics/Examples/\(name).json"))
        return try JSONDecoder().decode(JSONValue.self, from: data)
    }
}

extension JSONValue {
    func figure(_ path: String) throws -> Double { try #require(at(path)?.doubleValue, "\(path)") }

    func numbers(_ path: String) throws -> [Double] {
        try #require(at(path)?.arrayValue, "\(path)").map { try #require($0.doubleValue) }
    }

    static func numbers(_ values: [Double]) -> JSONValue { .array(values.map(JSONValue.double)) }
    static func rows(_ values: [[Double]]) -> JSONValue { .array(values.map(JSONValue.numbers)) }
    static func strings(_ values: [String]) -> JSONValue { .array(values.map(JSONValue.string)) }
}

/// Whether two numbers agree to so many significant digits.
func agrees(_ value: Double, _ expected: Double, digits: Double) -> Bool {
    abs(value - expected) <= abs(expected) * pow(10, -digits)
}
