import Kernel
import Testing

@Suite("Price books of operators")
struct PriceReviewTests {
    private static let now = Instant(unixMilliseconds: 1_795_000_000_000)

    private static func book(_ lines: String...) throws -> PriceBook {
        try PriceBook(
            csv: (["model,provider,input,cached_read,output,valid_until,per_call"] + lines).joined(separator: "\n"))
    }

    @Test("the built-in prices have nothing suspicious")
    func builtIn() {
        #expect(PriceReview(of: .builtIn, at: Self.now).findings.filter { !$0.text.contains("ends within") } == [])
    }

    @Test(
        "each mistake is found, and named with its model",
        arguments: [
            ("m,p,2500000000,1,2500000001,,", "picodollars for one token"), ("m,p,0,0,0,,", "is free"),
            ("m,p,10,20,30,,", "a cached token is dearer"), ("m,p,30,,20,,", "output is cheaper"),
            ("m,p,10,,20,2026-12-01,", "ends within 30 days"),
            ("gpt-5,openai,125000,,10000000,,", "the list price is 1.25"),
        ])
    func mistakes(line: String, text: String) throws {
        let findings = PriceReview(of: try Self.book(line), at: Self.now, reference: .builtIn).findings
        #expect(findings.contains { $0.description.contains(text) }, "\(findings)")
        #expect(findings.allSatisfy { ["p/m", "openai/gpt-5"].contains("\($0.provider)/\($0.model)") })
    }

    @Test("a model that was called and lost its price is told")
    func used() throws {
        let used = [(provider: "p", model: "m"), (provider: "p", model: "gone")]
        let findings = PriceReview(of: try Self.book("m,p,10,,20,,"), at: Self.now, used: used).findings
        #expect(findings.map(\.model) == ["gone"])
    }

    @Test("a difference names what was added, removed and changed, and nothing else; back again it is the mirror image")
    func difference() throws {
        let old = try Self.book("a,p,10,,20,,", "b,p,10,,20,,", "c,p,10,,20,,")
        let new = try Self.book("a,p,10,,20,,", "b,p,11,,20,,", "d,p,10,,20,,")
        let changes = PriceDifference(from: old, to: new).changes
        #expect(changes.map(\.model) == ["b", "c", "d"])
        #expect(changes.map(\.isAdded) == [false, false, true] && changes.map(\.isRemoved) == [false, true, false])
        let back = PriceDifference(from: new, to: old).changes
        #expect(back.map(\.before) == changes.map(\.after) && back.map(\.after) == changes.map(\.before))
        #expect(PriceDifference(from: old, to: old).changes.isEmpty)
    }

    @Test("a fee for each call is charged with use, is in the bound, and is not charged to what used nothing")
    func callFee() throws {
        let price = try #require(try Self.book("m,p,1000,,2000,,5000").price(provider: "p", model: "m", at: Self.now))
        let terms = ChargeTerms(at: Self.now)
        #expect(price.cost(of: TokenUsage(input: 10, output: 10), terms: terms) == Nanodollars(35))
        #expect(price.cost(of: TokenUsage(input: 0, output: 0), terms: terms) == .zero)
        let free = try #require(try Self.book("m,p,1000,,2000,,").price(provider: "p", model: "m", at: Self.now))
        let bounds = [price, free].map {
            CallBound(
                price: $0, size: ModelCallSize(texts: ["x"], messageCount: 1), maximumOutputTokens: 7,
                service: .standard
            ).total
        }
        #expect(bounds[0] == bounds[1] + Nanodollars(5))
    }

    @Test(
        "prices per million tokens are exact",
        arguments: [(2_500_000, "2.5"), (37_500, "0.0375"), (0, "0"), (1, "0.000001")])
    func perMillion(value: UInt64, text: String) { #expect(PicodollarsPerToken(value).perMillion == text) }

    @Test("a file without columns says that they are missing")
    func noColumns() {
        #expect { try PriceBook(csv: "gpt-5,openai,1,2") } throws: { "\($0)".contains("no columns are named") }
    }
}
