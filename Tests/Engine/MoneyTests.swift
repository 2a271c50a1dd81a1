import Engine
import Gateway
import Journal
import Kernel
import Placement
import Synchronization
import Testing

/// A provider that bills like gpt-5 (1.25 and 10 dollars a million tokens) and answers what the test says.
private final class PaidProvider: ModelProvider {
    typealias Answer = @Sendable (Int) async throws(ProviderError) -> ModelAnswer

    let name = "paid"
    let isDeterministic = false
    let service = ServiceTier.standard
    let calls = Counter()
    private let answer: Answer

    init(_ answer: @escaping Answer = PaidProvider.thousandTokens) { self.answer = answer }

    /// 1,000 tokens in, 500 out: exactly $0.00625.
    static let thousandTokens: Answer = { _ in
        ModelAnswer(
            text: "paid for", model: "gpt-5", finishReason: "stop", usage: TokenUsage(input: 1000, output: 500),
            reference: "resp-1")
    }

    func resolve(model: String) -> String? { model.isEmpty ? "gpt-5" : model }

    func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        try await answer(calls.add("sent"))
    }
}

@Suite("Money is reserved before and settled after")
struct MoneyTests {
    private static let cost = Nanodollars(6_250_000)

    private func open(
        _ provider: PaidProvider, in host: TestHost = TestHost(), _ bodies: [String: ScriptedPlugin.Body]
    ) async throws -> (TestHost, HostRuntime) {
        let plugin = ScriptedPlugin(department: "dep", bodies)
        let settings = GatewaySettings(defaultProvider: "paid", pricing: ["paid": .book(provider: "openai")])
        return (host, try await host.open([plugin], providers: [provider], gateway: settings))
    }

    /// Long enough that 1,000 tokens of input are possible: the bound is never below the cost.
    private static let request: EffectRequest = {
        let text = String(repeating: "word ", count: 300)
        let messages: JSONValue = [["role": "user", "content": .string(text)]]
        return .model(ModelRequest(model: "", messages: messages.bytes, maximumOutputTokens: 500))
    }()

    private func budget(_ runtime: HostRuntime, _ node: BudgetNode) async throws -> BudgetRecord? {
        try await runtime.journal.read { journal throws(JournalError) in try journal.budget(node) }
    }

    @Test("a paid call settles its exact cost on every node above the run, and nothing stays held")
    func exactCost() async throws {
        let provider = PaidProvider()
        let (host, runtime) = try await open(
            provider,
            [
                "job": {
                    _ = try await $0.effect("m", Self.request); return 1
                }
            ])
        let run = try await runtime.run("dep/job", budget: Nanodollars(1_000_000_000))
        #expect(run.state == .done && run.cost == Self.cost)
        for node in [BudgetNode.organisation, .department(tenant: "default", "dep"), .run(run.id)] {
            let record = try #require(try await budget(runtime, node))
            #expect(record.spent == Self.cost && record.held == .zero, "\(node)")
        }
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("a run that would pass its cap stops with the reason, sends nothing more, and keeps what it has")
    func cap() async throws {
        let provider = PaidProvider()
        let (host, runtime) = try await open(
            provider,
            [
                "job": { context in
                    for number in 0..<10 {
                        _ = try await context.effect("call-\(number)", Self.request)
                        _ = try await context.effect(
                            "", .artifactPut(name: "part-\(number)", mediaType: "text/plain", bytes: [1]))
                    }
                    return 10
                }
            ])
        let cap = Nanodollars(20_000_000)
        let run = try await runtime.run("dep/job", budget: cap)
        #expect(run.state == .failed && run.failure?.status == .budget)
        let reason = try #require(run.failure?.message)
        #expect(reason.contains("run:\(run.id)") && reason.contains("budget_would_exceed"))
        #expect(run.cost <= cap && run.cost == Nanodollars(Self.cost.value * Int64(provider.calls["sent"])))
        #expect(provider.calls["sent"] > 0 && provider.calls["sent"] < 10)
        let kept = try await runtime.journal.read { journal throws(JournalError) in try journal.artifacts(of: run.id) }
        #expect(kept.count == provider.calls["sent"])
        #expect(try await budget(runtime, .run(run.id))?.held == .zero)
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("one hundred runs at once cannot pass their department's cap")
    func fight() async throws {
        let provider = PaidProvider()
        let (host, runtime) = try await open(
            provider,
            [
                "job": {
                    _ = try await $0.effect("m", Self.request); return 1
                }
            ])
        let cap = Nanodollars(100_000_000)
        let node = BudgetNode.department(tenant: "default", "dep")
        try await runtime.journal.write { transaction throws(JournalError) in
            try transaction.budgetSet(node, limit: cap)
        }
        let ends = try await withThrowingTaskGroup(of: RunRecord.self) { group in
            for _ in 0..<100 { group.addTask { try await runtime.run("dep/job") } }
            return try await group.reduce(into: [RunRecord]()) { $0.append($1) }
        }
        let record = try #require(try await budget(runtime, node))
        #expect(record.spent <= cap && record.held == .zero)
        #expect(record.spent == Nanodollars(Self.cost.value * Int64(provider.calls["sent"])))
        #expect(ends.count { $0.state == .done } == provider.calls["sent"])
        #expect(ends.filter { $0.state != .done }.allSatisfy { $0.failure?.status == .budget })
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("a call whose answer a crash took is recorded as ambiguous at its bound, and sent again once")
    func ambiguous() async throws {
        let host = TestHost()
        let sent = Gate()
        let provider = PaidProvider { number throws(ProviderError) in
            guard number == 1 else { return try await PaidProvider.thousandTokens(number) }
            sent.open()
            // The host dies while the provider works.
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
            throw ProviderError(.cancelled, "cut", wasSent: true, isRetryable: false)
        }
        let job: ScriptedPlugin.Body = { context in
            let answer = try await context.effect("m", Self.request)
            return try JSONParser.parse(answer.data)
        }
        let (_, first) = try await open(provider, in: host, ["job": job])
        let task = try #require(TaskReference("dep/job"))
        let run = try await first.submit(RunSubmission(task: task, input: Array("{}".utf8)))
        await sent.wait()
        await first.shutdown()

        let (_, second) = try await open(provider, in: host, ["job": job])
        let ended = try await second.outcome(of: run.id)
        #expect(ended.state == .done)
        #expect(provider.calls["sent"] == 2)
        let entries = try await second.journal.read { journal throws(JournalError) in
            try journal.ledger(of: run.id, after: 0, limit: 1000)
        }
        #expect(entries.contains { $0.kind == .ambiguous && $0.node == .organisation })
        let record = try #require(try await budget(second, .organisation))
        #expect(record.held == .zero && record.spent > Self.cost)
        await second.shutdown()
    }

    @Test("a retryable refusal is tried again with a hold of its own; what was not billed costs nothing")
    func retries() async throws {
        let provider = PaidProvider { number throws(ProviderError) in
            if number == 1 {
                throw ProviderError(
                    .busy, "slow down", wasSent: true, usage: TokenUsage(input: 0, output: 0), isRetryable: true)
            }
            return try await PaidProvider.thousandTokens(number)
        }
        let (host, runtime) = try await open(
            provider,
            [
                "job": {
                    _ = try await $0.effect("m", Self.request); return 1
                }
            ])
        let run = try await runtime.run("dep/job")
        #expect(run.state == .done && run.cost == Self.cost)
        #expect(provider.calls["sent"] == 2)
        #expect(try await budget(runtime, .organisation)?.held == .zero)
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }
}
