import Finance
import PluginKit
import PluginTesting
import Testing

/// Runs a task of Finance on JSON, as the host would.
func finance<Output: Decodable>(_ task: String, _ input: JSONValue, as type: Output.Type = Output.self) async throws
    -> Output
{
    try await TaskHarness(Finance.self).run(task, input: input)
}

/// The message of the refusal of an input that makes no sense.
func financeRefusal(_ task: String, _ input: JSONValue) async throws -> String {
    do {
        let answer: JSONValue = try await finance(task, input)
        Issue.record("\(task) accepted \(input) and answered \(answer)")
        return ""
    } catch let failure as TaskFailure {
        #expect(failure.status == .invalid, "\(failure)")
        return failure.message
    }
}

/// Whether a figure is there and lies within the tolerance.
func isFigure(_ value: Double?, _ expected: Double, _ tolerance: Double) -> Bool {
    value.map { abs($0 - expected) <= tolerance } ?? false
}
