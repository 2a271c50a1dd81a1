import Foundation
import PluginKit
import PluginTesting
import Testing

/// Runs tasks of a department as a host does: JSON in, JSON out.
struct DepartmentRun<D: Department> {
    /// The name of the department's folder.
    let folder: String

    func run(_ task: String, _ json: String) async throws -> JSONValue {
        try await TaskHarness(D.self).run(task, input: try LifeRun.parse(json))
    }

    func run(_ task: String, _ input: JSONValue) async throws -> JSONValue {
        try await TaskHarness(D.self).run(task, input: input)
    }

    func example(_ name: String) throws -> JSONValue {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appendingPathComponent("Plugins/\(folder)/Examples/\(name).json"))
        return try JSONDecoder().decode(JSONValue.self, from: data)
    }

    /// The message of the refusal of an input that makes no sense.
    func refusal(_ task: String, _ json: String) async throws -> String {
        do {
            let answer = try await run(task, json)
            Issue.record("\(task) accepted \(json) and answered \(answer)")
            return ""
        } catch let failure as TaskFailure {
            #expect(failure.status == .invalid, "\(failure)")
            return failure.message
        }
    }
}
