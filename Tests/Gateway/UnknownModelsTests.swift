import Gateway
import Kernel
import TestSupport
import Testing

@Suite("Models without a price")
struct UnknownModelsTests {
    private static let assumed =
        #"{"assume": {"input_per_million_usd": "2.50", "output_per_million_usd": "0.000001"}}"#
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func read(_ policy: String) throws -> GatewayFile {
        try GatewayFile(
            Array(
                #"""
                {"providers": {"own": {"api": "openai-chat", "base_url": "http://127.0.0.1:1/v1", "prices": "openai"}},
                 "unknown_models": \#(policy)}
                """#.utf8),
            environment: ConfigurationEnvironment(
                folder: scratch.path, vault: KeyVault(path: scratch.path + "/v", keyPath: scratch.path + "/k")))
    }

    private func gateway(_ policy: String) throws -> Gateway {
        let file = try read(policy)
        return Gateway(
            providers: [OfflineProvider(), try HTTPProvider(file.providers[0].settings, client: CurlClient())],
            priceBook: .builtIn, settings: file.settings)
    }

    private func prepare(_ model: String, by policy: String) throws -> PreparedCall {
        try gateway(policy).prepare(
            ModelRequest(
                model: model, messages: Array(#"[{"role":"user","content":"Hi."}]"#.utf8), options: [],
                maximumOutputTokens: 1_000_000),
            attempt: "r/0/1", at: Instant(unixMilliseconds: 1_795_000_000_000))
    }

    @Test("are held and charged at the assumed price, exactly, and say so; a known price goes before")
    func assume() throws {
        let call = try prepare("own/unheard-of", by: Self.assumed)
        let price = AssumedPrice(input: PicodollarsPerToken(2_500_000), output: PicodollarsPerToken(1))
        #expect(call.prices == .assumed(price))
        let usage = TokenUsage(input: 1_000, cachedRead: 100, output: 999)
        let answer = ModelAnswer(
            text: "", model: "unheard-of", finishReason: "stop", usage: usage, reference: nil)
        // 1,100 × 2,500,000 + 999 × 1 picodollars, rounded up.
        let cost = try gateway(Self.assumed).cost(of: answer, for: call)
        #expect(cost == Nanodollars(2_750_001) && call.upperBound > .zero)
        let charge = call.charge(.call)
        #expect(charge.prices.name == "assumed" && charge.provider == "own" && charge.model == "unheard-of")
        #expect(try prepare("own/gpt-5", by: Self.assumed).prices == .book(PriceBook.builtIn.digest))
        #expect(try prepare("", by: Self.assumed).prices == .free)
    }

    @Test("are refused without a policy, and by the policy to refuse")
    func refuse() throws {
        let failure = #expect(throws: Failure.self) { try prepare("own/unheard-of", by: #""refuse""#) }
        #expect(failure?.status == .denied && failure?.message.contains("/unknown_models") == true)
        #expect(try prepare("own/gpt-5", by: #""refuse""#).prices == .book(PriceBook.builtIn.digest))
    }

    @Test(
        "what is wrong in the policy is named by its place",
        arguments: [
            (#""allow""#, "/unknown_models must be"), ("{}", "/unknown_models/assume is missing"),
            ("7", "must be an object"),
            (
                #"{"assume": {"input_per_million_usd": "1"}}"#,
                "/unknown_models/assume/output_per_million_usd is missing"
            ),
            (
                #"{"assume": {"input_per_million_usd": 1, "output_per_million_usd": "1"}}"#,
                "/unknown_models/assume/input_per_million_usd must be a string"
            ),
            (
                #"{"assume": {"input_per_million_usd": "1.0000001", "output_per_million_usd": "1"}}"#,
                "/unknown_models/assume/input_per_million_usd must be dollars"
            ),
            (
                #"{"assume": {"input_per_million_usd": "1", "output_per_million_usd": "-1"}}"#,
                "/unknown_models/assume/output_per_million_usd must be dollars"
            ),
            (
                #"{"assume": {"input_per_million_usd": "1", "output_per_million_usd": "1", "fee": "1"}}"#,
                "/unknown_models/assume/fee is not known"
            ),
        ])
    func wrong(policy: String, problem: String) {
        let failure = #expect(throws: Failure.self) { try read(policy) }
        #expect(failure?.status == .invalid && failure?.message.contains(problem) == true, "\(failure?.message ?? "")")
    }
}
