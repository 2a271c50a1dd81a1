import CBureau
import FoundationEssentials
import PluginKit
import PluginTesting
import Synchronization
import Testing

/// Remembers what it has seen, and hands that to the next generation.
final class Remembering: StatefulDepartment {
    static let manifest = DepartmentManifest(
        id: "org.example.remembering", department: "remembering", version: "1.0.0", title: "Remembering",
        summary: "Has state.")
    static let stateSchemaVersion: UInt32 = 3
    static let tasks: [TaskDefinition<Remembering>] = [
        .task("remember", summary: "Adds a word.") { (self: Remembering, input: Text, context: TaskContext) in
            _ = try await context.now(step: "now")
            return Text(
                text: self.words.withLock {
                    $0.append(input.text); return $0.joined(separator: " ")
                })
        }
    ]
    private let words = Mutex<[String]>([])

    init(configuration: Configuration) {}

    func saveState() -> [UInt8] { Array(words.withLock { $0.joined(separator: ",") }.utf8) }

    func load(state: [UInt8], schemaVersion: UInt32) throws {
        guard schemaVersion == 3 else { throw TaskFailure.stateVersion("schema \(schemaVersion) is unknown") }
        words.withLock { $0 = String(decoding: state, as: UTF8.self).split(separator: ",").map(String.init) }
    }
}

@Suite("Leaving the stage for a newer generation")
struct ReloadTests {
    @Test("state goes from one generation to the next")
    func handover() async throws {
        let old = try TaskHarness(Remembering.self)
        let _: Text = try await old.run("remember", input: Text(text: "one"))
        let saved = try old.saveState()
        #expect(saved.schemaVersion == 3)
        #expect(try old.saveState().bytes == saved.bytes)
        let new = try TaskHarness(Remembering.self)
        try new.loadState(saved.bytes, schemaVersion: 3)
        let output: Text = try await new.run("remember", input: Text(text: "two"))
        #expect(output.text == "one two")
    }

    @Test("state of an unknown schema is refused as that")
    func unknownSchema() throws {
        let harness = try TaskHarness(Remembering.self)
        #expect { try harness.loadState([], schemaVersion: 9) } throws: {
            ($0 as? TaskFailure)?.status == .stateVersion
        }
    }

    @Test("a department without state has no state table")
    func stateless() throws {
        let harness = try TaskHarness(Sample.self)
        #expect { try harness.saveState() } throws: { ($0 as? TaskFailure)?.status == .unsupported }
    }

    @Test("quiesced: no new task, the open one ends by itself; resumed: as before")
    func quiesceAndResume() async throws {
        let harness = try TaskHarness(Remembering.self)
        harness.hold("now")
        let open = try harness.start("remember", input: Text(text: "open"))
        await harness.waitUntilStarted("now")
        try harness.quiesce(timeoutMilliseconds: 600_000)
        #expect { try harness.probe() } throws: { ($0 as? TaskFailure)?.status == .busy }
        await #expect {
            let _: Text = try await harness.run("remember", input: Text(text: "new"))
        } throws: {
            ($0 as? TaskFailure)?.status == .busy
        }
        harness.release("now")
        #expect(try await open.value(as: Text.self).text == "open")
        try harness.resumeWork()
        try harness.probe()
        let output: Text = try await harness.run("remember", input: Text(text: "again"))
        #expect(output.text == "open again")
    }

    @Test("past the limit an open task is given up as busy, without blocking the lane")
    func quiesceTimeout() async throws {
        let harness = try TaskHarness(Remembering.self)
        harness.hold("now")
        let open = try harness.start("remember", input: Text(text: "open"))
        await harness.waitUntilStarted("now")
        try harness.quiesce(timeoutMilliseconds: 1)
        await #expect {
            let _: Text = try await open.value()
        } throws: {
            ($0 as? TaskFailure)?.status == .busy
        }
        #expect(harness.openCallCount == 0)
        #expect(harness.violations == [])
    }
}
