import Engine
import Gateway
import Journal
import Kernel
import Synchronization
import Testing

/// Bills like gpt-5. Silent providers say nothing until they are cancelled, and then fail as a cut connection does.
private final class PacedProvider: ModelProvider {
    enum Pace { case silent, quick, talks, fails }

    let name: String
    let isDeterministic = false
    let sent = Counter()
    private let pace: Pace

    init(_ name: String, _ pace: Pace) {
        self.name = name
        self.pace = pace
    }

    func resolve(model: String) -> String? { model }

    func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        sent.add(call.attempt)
        if pace == .fails {
            throw ProviderError(.io, "HTTP 503", wasSent: false, isRetryable: false)
        }
        if pace == .talks { onChunk("from ") }
        if pace == .silent || pace == .talks {
            // Longer than the hedge's delay; a silent one for ever.
            let time: Duration = pace == .silent ? .seconds(3600) : .milliseconds(300)
            guard (try? await Task.sleep(for: time)) != nil else {
                throw ProviderError(.cancelled, "cut", wasSent: true, isRetryable: false)
            }
        }
        onChunk(pace == .talks ? name : "from \(name)")
        return ModelAnswer(
            text: "from \(name)", model: call.model, finishReason: "stop",
            usage: TokenUsage(input: 1000, output: 500), reference: nil)
    }
}

@Suite("Hedged calls", .timeLimit(.minutes(1)))
struct HedgeTests {
    private static let answerCost: Int64 = 6_250_000
    private let host = TestHost()

    private static let request = ModelRequest(
        model: "quickly", messages: Array(#"[{"role":"user","content":"one two three"}]"#.utf8),
        options: Array("{}".utf8),
        maximumOutputTokens: 500)

    private static var plugin: ScriptedPlugin {
        ScriptedPlugin(
            department: "dep",
            [
                "job": {
                    _ = try await $0.effect("m", .model(request))
                    return 1
                }
            ])
    }

    private func open(
        _ one: PacedProvider, _ two: PacedProvider, isHedged: Bool = true
    ) async throws -> HostRuntime {
        var route = Route(name: "quickly", targets: [.init(model: "one/gpt-5")], fallbacks: ["two/gpt-5"])
        route.hedgeAfterMilliseconds = isHedged ? 20 : nil
        var settings = GatewaySettings(
            defaultProvider: "one", pricing: ["one": .book(provider: "openai"), "two": .book(provider: "openai")])
        settings.routing = RoutingSettings(routes: ["quickly": route])
        return try await host.open([Self.plugin], providers: [one, two], gateway: settings)
    }

    /// Everything that was held has ended, and the ledger agrees with itself.
    private func ends(_ runtime: HostRuntime) async throws -> [LedgerKind: Int] {
        let (open, report, entries) = try await runtime.journal.read { journal throws(JournalError) in
            (
                try journal.budgets().map(\.held), try journal.ledgerFaults(),
                try journal.ledger(of: nil, after: 0, limit: 1_000)
            )
        }
        #expect(open.allSatisfy { $0 == .zero } && report.openHolds == 0 && report.faults.isEmpty, "\(report.faults)")
        let kinds = entries.filter { $0.account.node == .organisation }.map(\.kind)
        return Dictionary(kinds.map { ($0, 1) }, uniquingKeysWith: +)
    }

    @Test("a silent attempt gets another beside it, whose answer goes on; the silent one is paid at its bound")
    func silent() async throws {
        let (one, two) = (PacedProvider("one", .silent), PacedProvider("two", .quick))
        let runtime = try await open(one, two)
        let run = try await runtime.run("dep/job")
        #expect(run.state == .done, "\(String(describing: run.failure))")
        let step = try #require(try await runtime.steps(of: run.id).first { $0.kind == .model })
        #expect(try JSONParser.parse(step.result?.data ?? [])["text"] == "from two")
        #expect(one.sent["\(run.id)/0/1"] == 1 && two.sent["\(run.id)/0/2"] == 1)
        #expect(run.cost == Nanodollars(Self.answerCost), "what nobody knows is in no run's cost")
        let kinds = try await ends(runtime)
        #expect(kinds[.reserve] == 2 && kinds[.settle] == 1 && kinds[.ambiguous] == 1, "\(kinds)")
        let leaves = try await runtime.journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: 0, limit: 1000)
        }
        let why = leaves.compactMap { try? JSONParser.parse($0.bytes) }.filter { $0["type"] == "model.routed" }
        #expect(why.compactMap { $0["why"]?.stringValue } == ["target", "hedge"])
        await runtime.shutdown()
    }

    @Test("one that talks, or answers in time, or fails before, is not hedged", arguments: ["talks", "quick", "fails"])
    func notHedged(pace: String) async throws {
        let paces: [String: PacedProvider.Pace] = ["talks": .talks, "quick": .quick, "fails": .fails]
        let (one, two) = (PacedProvider("one", try #require(paces[pace])), PacedProvider("two", .quick))
        let runtime = try await open(one, two)
        let run = try await runtime.run("dep/job")
        // A failure is the fallback's business.
        let fallback = pace == "fails" && run.state == .done
        #expect(two.sent["\(run.id)/0/2"] == (fallback ? 1 : 0))
        #expect(try await ends(runtime)[.ambiguous] == nil)
        await runtime.shutdown()
    }

    @Test("a second attempt that fails leaves the first to its end")
    func secondFails() async throws {
        let (one, two) = (PacedProvider("one", .talks), PacedProvider("two", .fails))
        let runtime = try await open(one, two)
        #expect(try await runtime.run("dep/job").state == .done)
        _ = try await ends(runtime)
        await runtime.shutdown()
    }

    @Test("without the route's word no call is made twice, however long it is silent")
    func off() async throws {
        let (one, two) = (PacedProvider("one", .silent), PacedProvider("two", .quick))
        let runtime = try await open(one, two, isHedged: false)
        let task = try #require(TaskReference("dep/job"))
        let run = try await runtime.submit(RunSubmission(task: task, input: Array("{}".utf8)))
        while one.sent["\(run.id)/0/1"] == 0 { try await Task.sleep(for: .milliseconds(5)) }
        try await Task.sleep(for: .milliseconds(100))
        #expect(two.sent["\(run.id)/0/2"] == 0)
        try await runtime.cancel(run.id, reason: "enough")
        _ = try await runtime.outcome(of: run.id)
        await runtime.shutdown()
    }

    @Test("calls of clients are hedged likewise, and the receipt names who answered")
    func calls() async throws {
        let (one, two) = (PacedProvider("one", .silent), PacedProvider("two", .quick))
        let runtime = try await open(one, two)
        let heard = Mutex("")
        let receipt = try await runtime.calls.perform(
            Self.request, id: runtime.calls.newID(), for: try CallOrigin(tenant: "acme", department: "writing")
        ) { text in heard.withLock { $0 += text } }
        #expect(receipt.provider == "two" && receipt.text == "from two" && heard.withLock { $0 } == "from two")
        let kinds = try await ends(runtime)
        #expect(kinds[.reserve] == 2 && kinds[.settle] == 1 && kinds[.ambiguous] == 1, "\(kinds)")
        await runtime.shutdown()
    }
}
