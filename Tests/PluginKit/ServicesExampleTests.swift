import Foundation
import PluginKit
import PluginTesting
import Testing

/// The examples of the author's guide do what they say.
@Suite("The example of every service, in C")
struct ServicesExampleTests {
    private func services() throws -> TaskHarness {
        let directory = try NativeCode.temporaryDirectory()
        let source = NativeCode.root.appendingPathComponent("PluginAPI/Examples/services.c")
        let harness = try TaskHarness(entry: try NativeCode.plugin(at: source, in: directory))
        harness.onModel { _ in "Rain is water." }
        harness.onTool("debian.search") { (json: [UInt8]) in json }
        harness.onHTTP { _ in HTTPResponse(status: 204, headers: [:], body: []) }
        harness.onCall(department: "services", task: "clock") { (_: [UInt8]) in Array(#"{"unix_ms":7}"#.utf8) }
        harness.onCall(department: "services", task: "artifact") { (json: [UInt8]) in json }
        harness.approve()
        return harness
    }

    @Test(
        "each answers, and a repeat performs nothing",
        arguments: [
            ("model", #""Rain is water.""#), ("tool", #"{"limit":1,"terms":["json"]}"#), ("http", #"{"status":204}"#),
            ("state", #"["count"]"#), ("artifact", #"{"a":1}"#), ("child", #"{"unix_ms":7}"#),
            ("plan", #"{"outputs":{"first":{"unix_ms":7},"then":{"at":7}}}"#), ("message", "{}"), ("timer", "{}"),
            ("step", #"{"worked":true}"#), ("live", "{}"),
        ])
    func each(task: String, expected: String) async throws {
        let harness = try services()
        let first: PluginKit.JSONValue = try await harness.run(task, input: ["a": 1])
        let wanted = try JSONDecoder().decode(PluginKit.JSONValue.self, from: Data(expected.utf8))
        #expect(first == wanted || first["text"] == wanted, "\(first)")
        #expect(harness.performedEffects > 0 || task == "live")
        let again: PluginKit.JSONValue = try await harness.replay()
        #expect(again == first && harness.performedEffects == 0)
        #expect(harness.violations == [])
    }

    @Test("what a person, a clock, chance, money and the audit log answer has the documented form")
    func forms() async throws {
        let harness = try services()
        let approved: PluginKit.JSONValue = try await harness.run("approval", input: ["a": 1])
        #expect(approved["approved"] == true && approved["content"] == ["a": 1])
        let clock: PluginKit.JSONValue = try await harness.run("clock", input: Empty())
        #expect(clock["unix_ms"] != nil)
        let die: PluginKit.JSONValue = try await harness.run("random", input: Empty())
        let faces: [PluginKit.JSONValue?] = [1, 2, 3, 4, 5, 6]
        #expect(faces.contains(die["die"]))
        let left: PluginKit.JSONValue = try await harness.run("budget", input: Empty())
        #expect(left["remaining_nanodollars"] != nil)
        let leaf: PluginKit.JSONValue = try await harness.run("audit", input: ["a": 1])
        #expect(leaf["leaf"] != nil && harness.auditNotes.count == 1)
    }
}
