import Audit
import Engine
import Gateway
import Journal
import Kernel
import Synchronization
import Testing

/// A free provider that is not deterministic, and counts.
private final class CountingProvider: ModelProvider {
    let name = "counting"
    let isDeterministic = false
    let service = ServiceTier.standard
    let calls = Counter()

    func resolve(model: String) -> String? { "counted" }

    func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        ModelAnswer(
            text: "answer \(calls.add("sent"))", model: "counted", finishReason: "stop",
            usage: TokenUsage(input: 10, output: 5), reference: nil)
    }
}

@Suite("Replaying and forking runs in a host")
struct ForkTests {
    private let host = TestHost()
    private let provider = CountingProvider()
    private let done = Counter()

    private static func ask(_ text: String) -> EffectRequest {
        let messages: JSONValue = [["role": "user", "content": .string(text)]]
        return .model(ModelRequest(model: "", messages: messages.bytes, maximumOutputTokens: 50))
    }

    /// Asks a model, computes, leaves an artifact and reads it, then adds a suffix that a changed plugin changes.
    private func plugin(_ question: String = "why", suffix: String = "", counted: Int64 = 2) -> ScriptedPlugin {
        ScriptedPlugin(
            department: "dep",
            [
                "job": { [done] context in
                    let answer = try await context.effect("ask", Self.ask(question))
                    let count = try await context.step("count") {
                        done.add("count")
                        return .integer(counted)
                    }
                    let put = try await context.effect(
                        "keep", .artifactPut(name: "a.txt", mediaType: "text/plain", bytes: [1, 2]))
                    let digest = String(decoding: put.data, as: UTF8.self)
                    let kept = try await context.effect("look", .artifactGet(digest: digest))
                    let text = try JSONParser.parse(answer.data)["text"]?.stringValue ?? ""
                    return ["text": .string(text + suffix), "count": count, "kept": .integer(Int64(kept.value))]
                }
            ])
    }

    private func open(_ plugin: ScriptedPlugin, faults: CommitFaults = .none) async throws -> HostRuntime {
        try await host.open(
            [plugin], providers: [provider],
            gateway: GatewaySettings(defaultProvider: "counting", pricing: ["counting": .free]), faults: faults)
    }

    private func recording(_ runtime: HostRuntime, _ id: RunID) async throws -> RunRecording {
        let found = try await runtime.journal.read { journal throws(JournalError) in try journal.recording(of: id) }
        return try #require(found)
    }

    @Test("a replay asks nobody, writes nothing, and tells a changed plugin from the recorded one")
    func replay() async throws {
        let runtime = try await open(plugin())
        let run = try await runtime.run("dep/job")
        let recording = try await recording(runtime, run.id)
        let size = try await runtime.journal.read { journal throws(JournalError) in try journal.auditSize() }
        #expect(try await Replayer(place: plugin()).replay(recording).verdict == .equal)
        let asked = try await Replayer(place: plugin("how")).replay(recording)
        #expect(asked.difference?.kind == .request && asked.difference?.sequence == 0)
        #expect(asked.difference?.changes.map(\.description) == [#"/messages/0/content: "why" → "how""#])
        let counted = try await Replayer(place: plugin(counted: 3)).replay(recording)
        #expect(counted.difference?.kind == .stepResult && counted.difference?.step?.name == "count")
        let kept = try await Replayer(place: plugin(counted: 3), localSteps: .keep).replay(recording)
        #expect(kept.verdict == .equal)
        let ended = try await Replayer(place: plugin(suffix: "!")).replay(recording)
        #expect(ended.difference?.kind == .output)
        #expect(ended.difference?.changes.map(\.description) == [#"/text: "answer 1" → "answer 1!""#])
        #expect(provider.calls["sent"] == 1)
        let after = try await runtime.journal.read { journal throws(JournalError) in try journal.auditSize() }
        #expect(after == size)
        await runtime.shutdown()
    }

    @Test("a fork does not ask again what it took over, and everything after its step is live")
    func fork() async throws {
        let runtime = try await open(plugin(suffix: " old"))
        let run = try await runtime.run("dep/job")
        await runtime.shutdown()

        let next = try await open(plugin(suffix: " new"))
        let forked = try await next.fork(run.id, at: 1)
        let ended = try await next.outcome(of: forked.id)
        #expect(ended.state == .done, "\(String(describing: ended.failure))")
        #expect(ended.outputJSON == ["text": "answer 1 new", "count": 2, "kept": 2])
        #expect(ended.forkedFrom == ForkOrigin(run: run.id, step: 1))
        #expect(provider.calls["sent"] == 1 && done["count"] == 2)
        #expect(try await next.steps(of: forked.id).map(\.attempt) == [0, 1, 1, 1])
        let costs = try await next.journal.read { journal throws(JournalError) in try journal.costs(root: forked.id) }
        #expect(costs.first?.modelCalls == 0 && costs.first?.steps == 3 && costs.first?.inputTokens == 0)
        #expect(try await next.verifyAudit().isSound)
        await next.shutdown()
    }

    @Test("a fork behind an artifact has it; of the first step it is a run like any other")
    func artifacts() async throws {
        let runtime = try await open(plugin())
        let run = try await runtime.run("dep/job")
        let behind = try await runtime.outcome(of: try await runtime.fork(run.id, at: 3).id)
        #expect(behind.state == .done)
        let artifacts = try await runtime.journal.read { journal throws(JournalError) in
            try journal.artifacts(of: behind.id)
        }
        #expect(artifacts.map(\.name) == ["a.txt"])
        let anew = try await runtime.outcome(of: try await runtime.fork(run.id, at: 0).id)
        #expect(anew.outputJSON?["text"] == "answer 2")
        await #expect(throws: EngineError.self) { try await runtime.fork(run.id, at: 5) }
        let nobody = RunID(unixMilliseconds: 1, random: Array(repeating: 9, count: 10))
        await #expect(throws: EngineError.self) { try await runtime.fork(nobody, at: 0) }
        await runtime.shutdown()
    }

    @Test("a fork whose commit is refused leaves nothing")
    func atomic() async throws {
        let first = try await open(plugin())
        let run = try await first.run("dep/job")
        await first.shutdown()
        let armed = Mutex(false)
        let runtime = try await open(
            plugin(),
            faults: CommitFaults(
                before: { _ throws(JournalError) in
                    if armed.withLock({ $0 }) { throw JournalError(.storage, "the medium refused") }
                }))
        armed.withLock { $0 = true }
        await #expect(throws: EngineError.self) { try await runtime.fork(run.id, at: 2) }
        await runtime.shutdown()
        let again = try await open(plugin())
        let runs = try await again.journal.read { journal throws(JournalError) in
            try journal.runs(RunFilter(), before: nil, limit: 10)
        }
        #expect(runs.map(\.id) == [run.id])
        await again.shutdown()
    }
}
