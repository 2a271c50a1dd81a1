import Gateway
import Kernel
import Testing

/// Answers what it was told to.
private struct FixedProvider: ModelProvider {
    var name = "fixed"
    var isDeterministic = false
    var service = ServiceTier.standard

    func resolve(model: String) -> String? { model.isEmpty ? "gpt-5" : model }

    func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        ModelAnswer(text: "", model: call.model, finishReason: "stop", usage: TokenUsage(), reference: nil)
    }
}

@Suite("The gateway")
struct GatewayTests {
    private let day = Instant(unixMilliseconds: 1_795_000_000_000)

    private func gateway(_ pricing: ProviderPricing? = .book(provider: "openai")) -> Gateway {
        Gateway(
            providers: [OfflineProvider(), FixedProvider()], priceBook: .builtIn,
            settings: GatewaySettings(
                classes: ["careful": "fixed/gpt-5.4", "plain": "offline/"],
                pricing: pricing.map { ["fixed": $0] } ?? [:],
                framing: .none))
    }

    private func request(
        _ model: String, messages: String = #"[{"role":"user","content":"Hi. There."}]"#, options: String = "",
        output: UInt64? = 100, maximumCost: Nanodollars? = nil
    ) -> ModelRequest {
        ModelRequest(
            model: model, messages: Array(messages.utf8), options: Array(options.utf8), maximumOutputTokens: output,
            maximumCost: maximumCost)
    }

    private func prepare(_ request: ModelRequest, _ pricing: ProviderPricing? = .book(provider: "openai")) throws
        -> PreparedCall
    {
        try gateway(pricing).prepare(request, attempt: "r/0/1", at: day)
    }

    private func answer(_ usage: TokenUsage) -> ModelAnswer {
        ModelAnswer(text: "", model: "gpt-5.4", finishReason: "stop", usage: usage, reference: nil)
    }

    @Test("names, classes and nothing find their provider and model")
    func names() throws {
        #expect(try prepare(request("")).call.model == "extractive-1")
        #expect(try prepare(request("plain")).call.model == "extractive-1")
        #expect(try prepare(request("fixed/gpt-4o")).call.model == "gpt-4o")
        #expect(try prepare(request("fixed/")).call.model == "gpt-5")
        #expect(try prepare(request("careful")).call.model == "gpt-5.4")
        for name in ["nowhere/gpt-5", "unknown-class"] {
            let failure = #expect(throws: Failure.self) { try prepare(request(name)) }
            #expect(failure?.status == .notFound)
            #expect(failure?.message.contains("fixed, offline") == true)
        }
    }

    @Test("an unpriced model is refused, unless the operator declared the provider free")
    func unpriced() throws {
        let failure = #expect(throws: Failure.self) { try prepare(request("fixed/made-up")) }
        #expect(failure?.status == .denied)
        #expect(throws: Failure.self) { try prepare(request("fixed/gpt-5"), nil) }
        let free = try prepare(request("fixed/made-up"), .free)
        #expect(free.upperBound == .zero)
        #expect(gateway(.free).cost(of: answer(TokenUsage()), for: free) == .zero)
        #expect(free.largestOutputThatFits(available: .zero) != nil)
    }

    @Test("an output limit is injected, and never above the model's own")
    func outputLimits() throws {
        #expect(try prepare(request("fixed/gpt-4o", output: nil)).call.maximumOutputTokens == 4096)
        #expect(try prepare(request("fixed/gpt-4o", output: .max)).call.maximumOutputTokens == 16384)
        #expect(try prepare(request("fixed/gpt-4o", output: 7)).call.maximumOutputTokens == 7)
    }

    @Test("the bound counts roles, contents and schema, and moves with the output limit")
    func bound() throws {
        let call = try prepare(request("fixed/gpt-5"))
        // "user" and "Hi. There.": 14 bytes at 1,250 nanodollars; 100 tokens at 10,000.
        #expect(call.upperBound == Nanodollars(14 * 1250 + 100 * 10_000))
        #expect(call.largestOutputThatFits(available: call.upperBound) == 100)
        #expect(call.largestOutputThatFits(available: call.upperBound - Nanodollars(1)) == 99)
        #expect(call.largestOutputThatFits(available: Nanodollars(14 * 1250)) == nil)
    }

    @Test("a call above its own cost limit is refused with the output that would fit")
    func ownLimit() throws {
        let failure = #expect(throws: Failure.self) {
            try prepare(request("fixed/gpt-5", maximumCost: Nanodollars(14 * 1250 + 42 * 10_000)))
        }
        #expect(failure?.status == .budget)
        #expect(failure?.message.contains("up to 42 it would fit") == true)
    }

    @Test("reported usage costs its exact price, unreported usage the bound, an unsent attempt nothing")
    func costs() throws {
        let (gateway, call) = (gateway(), try prepare(request("careful")))
        let usage = TokenUsage(input: 6000, cachedRead: 4000, output: 1000)
        #expect(gateway.cost(of: answer(usage), for: call) == Nanodollars(31_000_000))
        #expect(gateway.cost(of: answer(TokenUsage(input: 5)), for: call) == call.upperBound)
        var quick = answer(usage)
        quick.service = .priority
        #expect(gateway.cost(of: quick, for: call) == Nanodollars(62_000_000))
        let unsent = ProviderError(.io, "", wasSent: false, isRetryable: true)
        #expect(gateway.cost(of: unsent, for: call) == .zero)
        let unknown = ProviderError(.io, "", wasSent: true, isRetryable: true)
        #expect(gateway.cost(of: unknown, for: call) == call.upperBound)
        let refused = ProviderError(
            .busy, "", wasSent: true, usage: TokenUsage(input: 0, output: 0), isRetryable: true)
        #expect(gateway.cost(of: refused, for: call) == .zero)
    }

    @Test(
        "wrong messages and options are named by their place",
        arguments: [
            ("{}", "", Status.invalid, "must be an array"), ("[]", "", .invalid, "must not be empty"),
            ("[1]", "", .invalid, "/0: must be an object"),
            (#"[{"role":"user","content":"a"},{"role":"boss","content":"b"}]"#, "", .invalid, "/1/role"),
            (#"[{"role":"user","content":[]}]"#, "", .invalid, "/0/content"),
            (#"[{"role":"user","content":"a","name":"x"}]"#, "", .unsupported, "/0/name"),
            (#"[{"role":"user","role":"user","content":"a"}]"#, "", .invalid, "line 1"),
            (#"[{"role":"user","content":"a"}]"#, #"{"temperature_milli":2001}"#, .invalid, "/temperature_milli"),
            (#"[{"role":"user","content":"a"}]"#, #"{"stop":["a",""]}"#, .invalid, "/stop/1"),
            (#"[{"role":"user","content":"a"}]"#, #"{"seed":1.5}"#, .invalid, "/seed"),
            (#"[{"role":"user","content":"a"}]"#, #"{"top_p":1}"#, .unsupported, "/top_p"),
            (#"[{"role":"user","content":"a"}]"#, #"{"response_schema":{}}"#, .unsupported, "/response_schema"),
        ])
    func shapes(messages: String, options: String, status: Status, place: String) throws {
        let failure = #expect(throws: Failure.self) {
            try prepare(request("", messages: messages, options: options))
        }
        #expect(failure?.status == status)
        #expect(failure?.message.contains(place) == true, "\(String(describing: failure))")
    }

    @Test("a closed gateway sends nothing")
    func closed() async throws {
        let (gateway, call) = (gateway(), try prepare(request("")))
        gateway.close()
        let error = await #expect(throws: ProviderError.self) { try await gateway.perform(call) { _ in } }
        #expect(error?.wasSent == false)
    }

    @Test("the offline provider streams its whole answer, names itself and costs nothing")
    func offline() async throws {
        let call = try prepare(request("offline/extractive-1"))
        #expect(call.provider.isDeterministic)
        #expect(call.upperBound == .zero)
        let answer = try await gateway().perform(call) { _ in }
        #expect(answer.model == "offline/extractive-1")
        #expect(answer.text == "Hi. There.")
        #expect(gateway().cost(of: answer, for: call) == .zero)
    }
}
