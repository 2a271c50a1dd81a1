import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Pricing")
struct PricingTests {
    private let day = Instant(unixMilliseconds: 1_795_000_000_000)

    private func price(_ provider: String, _ model: String, at instant: Instant? = nil) throws -> ModelPrice {
        try #require(PriceBook.builtIn.price(provider: provider, model: model, at: instant ?? day))
    }

    private func format(of provider: String) -> UsageFormat {
        switch provider {
        case "anthropic": .anthropic
        case "gemini": .gemini
        case "bedrock": .bedrock
        default: .openAI
        }
    }

    @Test("usage as providers return it has its exact cost", arguments: PricingCases.all)
    func cases(example: PricingCases.Case) throws {
        let usage = UsageReport(try JSONParser.parse(example.usage), format: format(of: example.provider))
        let service = try #require(ServiceTier(rawValue: example.service))
        let cost = try price(example.provider, example.model)
            .cost(of: usage.tokens, terms: ChargeTerms(service: service, at: day))
        #expect(cost == Nanodollars(example.nanodollars))
    }

    @Test("sums of token classes are exact and rounded up once", arguments: PricingVectors.all)
    func vectors(vector: PricingVectors.Vector) throws {
        let sum = vector.lines.reduce(Picodollars.zero) {
            $0 + .cost(of: $1.tokens, at: PicodollarsPerToken($1.picodollarsPerToken))
        }
        let factor = try #require(PriceFactor(vector.factor.numerator, over: vector.factor.denominator))
        #expect(sum.multiplied(by: factor).value == vector.picodollars)
        #expect(sum.multiplied(by: factor).roundedUp == Nanodollars(vector.nanodollars))
    }

    struct Worked: Sendable, CustomStringConvertible {
        var id: String
        var provider: String
        var model: String
        var usage: String
        var nanodollars: Int64
        var service: ServiceTier?
        var date: Int64 = 1_795_000_000_000
        var factor: [UInt32] = [1, 1]
        var description: String { id }
    }

    /// The traps of the gateway research's table 4.8, through normalisation, price book and tiers.
    static let worked: [Worked] = [
        .init(
            id: "V02", provider: "anthropic", model: "claude-sonnet-4-6",
            usage: #"""
                {"input_tokens":50,"cache_read_input_tokens":100000,"cache_creation_input_tokens":2000,
                "output_tokens":800}
                """#, nanodollars: 49_650_000),
        .init(
            id: "V03", provider: "anthropic", model: "claude-opus-4-8",
            usage: #"""
                {"input_tokens":9,"cache_creation_input_tokens":1000000,"output_tokens":0,"cache_creation":
                {"ephemeral_5m_input_tokens":600000,"ephemeral_1h_input_tokens":400000}}
                """#, nanodollars: 7_750_045_000),
        .init(
            id: "V06", provider: "openai", model: "gpt-5",
            usage: #"""
                {"prompt_tokens":1000,"completion_tokens":2000,
                "completion_tokens_details":{"reasoning_tokens":1800}}
                """#, nanodollars: 21_250_000),
        .init(
            id: "V08", provider: "openai", model: "gpt-5.4",
            usage: #"{"prompt_tokens":272000,"completion_tokens":1000}"#, nanodollars: 695_000_000),
        .init(
            id: "V09", provider: "openai", model: "gpt-5.4",
            usage: #"{"prompt_tokens":272001,"completion_tokens":1000}"#, nanodollars: 1_382_505_000),
        .init(
            id: "V11", provider: "openai", model: "gpt-5.4",
            usage: #"""
                {"prompt_tokens":10000,"completion_tokens":1000,"service_tier":"priority",
                "prompt_tokens_details":{"cached_tokens":4000}}
                """#, nanodollars: 62_000_000),
        .init(
            id: "V14", provider: "gemini", model: "gemini-2.5-pro",
            usage: #"{"promptTokenCount":262960,"cachedContentTokenCount":257955,"candidatesTokenCount":1744}"#,
            nanodollars: 103_161_250),
        .init(
            id: "V15", provider: "gemini", model: "gemini-3.1-pro-preview",
            usage: #"{"promptTokenCount":324,"candidatesTokenCount":1364,"thoughtsTokenCount":495}"#,
            nanodollars: 22_956_000),
        .init(
            id: "V16a", provider: "xai", model: "grok-4.7",
            usage: #"{"prompt_tokens":199999,"completion_tokens":1000}"#, nanodollars: 405_998_000),
        .init(
            id: "V16b: the threshold is inclusive", provider: "xai", model: "grok-4.7",
            usage: #"{"prompt_tokens":200000,"completion_tokens":1000}"#, nanodollars: 812_000_000),
        .init(
            id: "V18", provider: "anthropic", model: "claude-sonnet-4-6",
            usage: #"{"input_tokens":1000,"output_tokens":500}"#, nanodollars: 5_250_000, service: .batch),
        .init(
            id: "V19", provider: "anthropic", model: "claude-sonnet-4-6",
            usage: #"{"input_tokens":1000,"output_tokens":500,"inference_geo":"us"}"#, nanodollars: 11_550_000,
            factor: [11, 10]),
        .init(
            id: "V20", provider: "anthropic", model: "claude-sonnet-4-6",
            usage: #"{"input_tokens":1000,"output_tokens":500,"server_tool_use":{"web_search_requests":3}}"#,
            nanodollars: 40_500_000),
        .init(
            id: "V21a", provider: "gemini", model: "gemini-3.8-flash",
            usage: #"{"promptTokenCount":1,"cachedContentTokenCount":1,"candidatesTokenCount":0}"#, nanodollars: 38,
            service: .batch),
        .init(
            id: "V22 Wednesday 08:00Z", provider: "deepseek", model: "deepseek-v4-pro",
            usage: #"{"prompt_tokens":1000,"completion_tokens":1000}"#, nanodollars: 5_280_000,
            date: 1_763_539_200_000),
        .init(
            id: "V22 Wednesday 05:00Z", provider: "deepseek", model: "deepseek-v4-pro",
            usage: #"{"prompt_tokens":1000,"completion_tokens":1000}"#, nanodollars: 2_640_000,
            date: 1_763_528_400_000),
        .init(
            id: "V22 Saturday 08:00Z", provider: "deepseek", model: "deepseek-v4-pro",
            usage: #"{"prompt_tokens":1000,"completion_tokens":1000}"#, nanodollars: 2_640_000,
            date: 1_763_798_400_000),
        .init(
            id: "V23 2025-06-09", provider: "openai", model: "o3",
            usage: #"{"prompt_tokens":1000,"completion_tokens":1000}"#, nanodollars: 50_000_000,
            date: 1_749_513_599_999),
        .init(
            id: "V23 2025-06-10", provider: "openai", model: "o3",
            usage: #"{"prompt_tokens":1000,"completion_tokens":1000}"#, nanodollars: 10_000_000,
            date: 1_749_513_600_000),
    ]

    @Test("published traps have their published price", arguments: worked)
    func published(example: Worked) throws {
        let report = UsageReport(try JSONParser.parse(example.usage), format: format(of: example.provider))
        let at = Instant(unixMilliseconds: example.date)
        let terms = ChargeTerms(
            service: example.service ?? report.service ?? .standard, at: at, webSearches: report.webSearches,
            factor: try #require(PriceFactor(example.factor[0], over: example.factor[1])))
        let cost = try price(example.provider, example.model, at: at).cost(of: report.tokens, terms: terms)
        #expect(cost == Nanodollars(example.nanodollars))
    }

    @Test("cached tokens beyond the whole prompt give no discount")
    func inconsistentParts() throws {
        let report = UsageReport(
            ["prompt_tokens": 100, "completion_tokens": 0, "prompt_tokens_details": ["cached_tokens": 101]],
            format: .openAI)
        #expect(report.tokens.input == 100)
        #expect(report.tokens.cachedRead == nil)
    }

    @Test("unknown is not zero, and zero is not unknown")
    func unknownUsage() throws {
        let price = try price("openai", "gpt-5")
        let terms = ChargeTerms(at: day)
        let silent = UsageReport(["prompt_tokens": 5], format: .openAI)
        #expect(price.cost(of: silent.tokens, terms: terms) == nil)
        let negative = UsageReport(["prompt_tokens": 5, "completion_tokens": -1], format: .openAI)
        #expect(price.cost(of: negative.tokens, terms: terms) == nil)
        let nothing = UsageReport(["prompt_tokens": 0, "completion_tokens": 0], format: .openAI)
        #expect(price.cost(of: nothing.tokens, terms: terms) == .zero)
    }

    @Test("reasoning that stands beside the completion is found in the total")
    func reasoningBeside() {
        let report = UsageReport(
            [
                "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 115,
                "completion_tokens_details": ["reasoning_tokens": 100],
            ], format: .openAI)
        #expect(report.tokens.output == 105)
    }

    @Test("absurd counts stay at the limit instead of wrapping or trapping")
    func saturation() throws {
        let usage = TokenUsage(input: .max, cachedRead: .max, cacheWrite: .max, output: .max)
        let cost = try price("openai", "gpt-5.4").cost(of: usage, terms: ChargeTerms(at: day))
        #expect(cost == Nanodollars(.max))
    }
}

@Suite("Price files")
struct PriceFileTests {
    private let header = "model,provider,input,output"
    private let now = Instant(unixMilliseconds: 0)

    @Test("the built-in book loads whole")
    func builtIn() { #expect(PriceBook.builtIn.count > 70) }

    @Test(
        "one bad line refuses the whole file and is named",
        arguments: [
            ("m,p,1.5,2", "not a whole number"), ("m,p,,2", "input is empty"), ("m,p,1", "3 fields"),
            (",p,1,2", "model is empty"), ("m,p,-1,2", "not a whole number"),
            ("m,p,99999999999999999999,2", "not a whole number"), ("ok,p,1,2", "two prices for the same time"),
        ])
    func refusals(line: String, message: String) throws {
        let problem = #expect(throws: PriceFileError.self) {
            try PriceBook(csv: "\(header)\nok,p,1,2\n# remark\n\(line)\n")
        }
        #expect(problem?.line == 4)
        #expect(problem?.message.contains(message) == true, "\(String(describing: problem))")
    }

    @Test("unknown and doubled columns, dates and hours that do not exist are refused")
    func badColumns() {
        for csv in [
            "model,provider,input,output,price\nm,p,1,2,3", "model,provider,input,output,input\nm,p,1,2,3", "", header,
            "\(header),valid_from\nm,p,1,2,2025-02-29",
            "\(header),valid_from,valid_until\nm,p,1,2,2025-02-02,2025-02-02",
            "\(header),off_peak_hours,input_off_peak,output_off_peak\nm,p,1,2,mon 3-25,1,1",
        ] {
            #expect(throws: PriceFileError.self) { try PriceBook(csv: csv) }
        }
    }

    @Test("an operator's price replaces the built-in one, and changes the digest")
    func overlay() throws {
        let own = try PriceBook(csv: "\(header)\ngpt-5,openai,7,9\nlocal,mine,0,0\n")
        let book = PriceBook.builtIn.overlaid(by: own)
        #expect(book.price(provider: "openai", model: "gpt-5", at: now)?.standard.input == PicodollarsPerToken(7))
        #expect(book.price(provider: "mine", model: "local", at: now) != nil)
        #expect(book.price(provider: "openai", model: "gpt-4o", at: now) != nil)
        #expect(book.digest != PriceBook.builtIn.digest)
    }

    @Test("a class without a price costs what input costs; an explicit zero is free")
    func missingClasses() throws {
        let book = try PriceBook(csv: "\(header),cached_read,cache_write_5m\na,p,5,7,,\nb,p,5,7,0,0\n")
        let usage = TokenUsage(input: 0, cachedRead: 1000, cacheWrite: 1000, output: 0)
        let terms = ChargeTerms(at: now)
        #expect(book.price(provider: "p", model: "a", at: now)?.cost(of: usage, terms: terms) == Nanodollars(10))
        #expect(book.price(provider: "p", model: "b", at: now)?.cost(of: usage, terms: terms) == .zero)
    }
}

@Suite("Upper bounds")
struct PricingBoundTests {
    private let day = Instant(unixMilliseconds: 1_795_000_000_000)

    @Test("no scalar of Unicode is longer after NFKC than its bound")
    func everyScalar() {
        var violations = [String]()
        // The planes above hold nothing that has a decomposition.
        for value in UInt32(0)...0x2FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = String(Character(scalar))
            let normalized = Int64(text.precomposedStringWithCompatibilityMapping.utf8.count)
            if TokenBound.tokens(in: text) < normalized { violations.append(String(value, radix: 16)) }
        }
        #expect(violations.isEmpty)
    }

    @Test("no text of mixed scalars is longer after NFKC than its bound")
    func randomTexts() {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let interesting: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0xA0...0x17F, 0x300...0x36F, 0x391...0x3FF, 0x1100...0x11FF, 0x1E00...0x1FFF,
            0x2100...0x218F, 0x3300...0x33FF, 0xF900...0xFAFF, 0xFB00...0xFDFF, 0xFF00...0xFFEF, 0x11100...0x11150,
            0x1D100...0x1D1FF, 0x1D400...0x1D7FF, 0x2F800...0x2FA1D,
        ]
        for _ in 0..<20_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                guard let range = interesting.randomElement(using: &random),
                    let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random))
                else { continue }
                text.append(scalar)
            }
            let string = String(text)
            let normalized = Int64(string.precomposedStringWithCompatibilityMapping.utf8.count)
            #expect(TokenBound.tokens(in: string) >= normalized, "seed \(seed): \(Array(text).map(\.value))")
        }
    }

    @Test("the known worst case and the counter-example of bytes are bounded; plain text is not inflated")
    func examples() {
        #expect(TokenBound.tokens(in: "\u{FDFA}") == 33)
        #expect(TokenBound.tokens(in: "½") >= 5)
        #expect(TokenBound.tokens(in: "\u{129}\u{323}") >= 5, "recomposed as U+1ECB U+0303")
        #expect(TokenBound.tokens(in: "plain") == 5)
        #expect(TokenBound.tokens(in: "Größe Übung 価格 Цена") == Int64("Größe Übung 価格 Цена".utf8.count))
    }

    @Test("R1: 4,000 ASCII bytes and 1,000 tokens of output hold 15,000,000 nanodollars of gpt-5")
    func r1() throws {
        let price = try #require(PriceBook.builtIn.price(provider: "openai", model: "gpt-5", at: day))
        let bound = CallBound(
            price: price, size: ModelCallSize(texts: [String(repeating: "a", count: 4000)], messageCount: 1),
            maximumOutputTokens: 1000, service: .standard, framing: .none)
        #expect(bound.total == Nanodollars(15_000_000))
    }

    @Test("the largest output that fits does fit, and one more does not")
    func largestOutput() throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for model in ["gpt-5", "gpt-5.4", "gpt-5.6", "gpt-4o-mini"] {
            let price = try #require(PriceBook.builtIn.price(provider: "openai", model: model, at: day))
            for _ in 0..<200 {
                let text = String(repeating: "a", count: Int.random(in: 0...5000, using: &random))
                let available = Nanodollars(Int64.random(in: 0...100_000_000, using: &random))
                func bound(_ output: Int64) -> CallBound {
                    CallBound(
                        price: price, size: ModelCallSize(texts: [text], messageCount: 1), maximumOutputTokens: output,
                        service: .standard)
                }
                let largest = bound(1).largestOutput(within: available)
                if let largest { #expect(bound(largest).total <= available, "seed \(seed)") }
                #expect(bound((largest ?? 0) + 1).total > available, "seed \(seed)")
            }
        }
    }

    @Test("whatever happens within the limits costs no more than the bound")
    func neverBelowCost() throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for (provider, model) in [
            ("openai", "gpt-5.4"), ("openai", "gpt-5.6"), ("xai", "grok-4.7"), ("gemini", "gemini-2.5-pro"),
            ("deepseek", "deepseek-v4-pro"), ("anthropic", "claude-haiku-5-5"), ("bedrock", "amazon.nova-pro-v1:0"),
        ] {
            let price = try #require(PriceBook.builtIn.price(provider: provider, model: model, at: day))
            for _ in 0..<300 {
                let service = ServiceTier.allCases.randomElement(using: &random) ?? .standard
                let length = Int64.random(in: 1...400_000, using: &random)
                let output = Int64.random(in: 1...10_000, using: &random)
                let bound = CallBound(
                    price: price, size: ModelCallSize(texts: [], messageCount: 1), maximumOutputTokens: output,
                    service: service,
                    framing: FramingAllowance(perRequest: length, perMessage: 0, perToolUse: 0, perTool: 0))
                let used = Int64.random(in: 0...min(length, price.maximumInputTokens ?? .max), using: &random)
                let cached = Int64.random(in: 0...used, using: &random)
                let written = Int64.random(in: 0...(used - cached), using: &random)
                let usage = TokenUsage(
                    input: used - cached - written, cachedRead: cached, cacheWrite: written,
                    output: Int64.random(in: 0...output, using: &random))
                let terms = ChargeTerms(
                    service: Bool.random(using: &random) ? service : .standard,
                    at: Instant(
                        unixMilliseconds: day.unixMilliseconds + Int64.random(in: 0...604_800_000, using: &random)))
                let cost = try #require(price.cost(of: usage, terms: terms))
                #expect(cost <= bound.total, "seed \(seed): \(model) \(service) \(usage)")
            }
        }
    }
}
