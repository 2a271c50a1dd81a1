import FoundationEssentials
import Kernel
import PluginKit
import PluginTesting
import TestSupport
import Testing

@Suite("Replaying a fixture")
struct FixtureTests {
    /// A host decides by the digest of this encoding whether a request is the recorded one; the harness must too.
    @Test("requests are encoded and shown as a host encodes and shows them")
    func encodings() async throws {
        let harness = try ContextTests.everythingScripted()
        let _: Everything = try await harness.run("effects", input: Empty())
        let _: Greeting = try await harness.run("greet", input: GreetInput(name: "Ada"))
        let steps = harness.steps
        for step in steps {
            let request = try #require(EffectRequest(encoded: Array(step.request)), "\(step.kind)")
            #expect(request.encoded == Array(step.request))
            #expect(request.kind.name == step.kind)
            #expect(request.json == (try JSONParser.parse(Array(try JSONEncoder().encode(step.requestJSON)))))
        }
    }

    private static func fixture(
        message: String = "Hello, Ada", kind: String = "step", shape: Digest = EffectRequest.step(shape: []).shape,
        name: String = "compose", word: String = "Hello"
    ) throws -> URL {
        let document: Kernel.JSONValue = [
            "format": "bureau.replay-fixture", "version": 1, "task": "sample/greet", "build": nil,
            "run": ["id": "r", "attempt": 1, "idempotency_key": "k"],
            "agent": ["name": "default", "configuration": ["word": .string(word)]],
            "input": #"{"name":"Ada"}"#,
            "steps": [
                [
                    "sequence": 0, "name": .string(name), "occurrence": 0, "kind": .string(kind),
                    "shape": .string(shape.hex), "status": "done", "request": ["depends_on": ""],
                    "result": ["data": .string("\"\(message)\"")],
                ]
            ],
            "outcome": ["status": "done", "output": ["text": .string(message)]],
        ]
        let path = try keeper.get().write(document.bytes, to: "\(document.hashValue).json")
        return URL(filePath: path)
    }

    private static let keeper = Result { try Scratch() }

    @Test("an equal run returns its output; the fixture's configuration is used")
    func equal() async throws {
        let output = try await TaskHarness(Sample.self, configuration: Sample.Settings(word: "Other"))
            .replay(fixture: try Self.fixture())
        #expect(output == ["text": "Hello, Ada"])
    }

    @Test("a changed task throws the first difference, with the place and both values")
    func different() async throws {
        let harness = try TaskHarness(Sample.self)
        let result = await #expect(throws: PluginTesting.ReplayDifference.self) {
            try await harness.replay(fixture: try Self.fixture(word: "Goodbye"))
        }
        #expect(result?.step == "compose")
        #expect(result?.changes == [#"/result: "Hello, Ada" → "Goodbye, Ada""#])
        let kept = try await harness.replay(fixture: try Self.fixture(word: "Goodbye"), keepingLocalSteps: true)
        #expect(kept == ["text": "Hello, Ada"])
        let missing = await #expect(throws: PluginTesting.ReplayDifference.self) {
            try await harness.replay(fixture: try Self.fixture(name: "other"))
        }
        #expect(missing?.message.contains("was not recorded") == true)
        let shaped = await #expect(throws: PluginTesting.ReplayDifference.self) {
            try await harness.replay(fixture: try Self.fixture(shape: EffectRequest.step(shape: [1]).shape))
        }
        #expect(shaped?.message.contains("asks for something else") == true)
    }

    @Test("a file that is no fixture is refused with what is wrong")
    func refused() async throws {
        let path = try Self.keeper.get().write(Array(#"{"format":"x","version":1}"#.utf8), to: "no.json")
        await #expect(throws: TaskFailure.self) {
            try await TaskHarness(Sample.self).replay(fixture: URL(filePath: path))
        }
    }
}
