/// What is suspicious about a price book, though it can be read: the mistakes that price files have been seen to have.
package struct PriceReview: Hashable, Sendable {
    package struct Finding: Hashable, Sendable, CustomStringConvertible {
        package var provider: String
        package var model: String
        package var text: String

        package init(provider: String, model: String, _ text: String) {
            self.provider = provider
            self.model = model
            self.text = text
        }

        package var description: String { "\(provider)/\(model): \(text)" }
    }

    /// A price that ends so soon is told beforehand.
    package static let warningDays: Int64 = 30
    /// Above what any provider asks; per token where a file means per million tokens is a thousand times more.
    private static let absurd = PicodollarsPerToken(2_000_000_000)

    /// By provider and model.
    package let findings: [Finding]

    /// - Parameters:
    ///   - used: models that were called lately, as `(provider, model)`.
    ///   - reference: prices to compare with, such as the built-in ones.
    package init(
        of book: PriceBook, at now: Instant, used: [(provider: String, model: String)] = [],
        reference: PriceBook? = nil
    ) {
        var findings = used.compactMap { call in
            book.price(provider: call.provider, model: call.model, at: now) == nil
                ? Finding(
                    provider: call.provider, model: call.model, "was called, and has no price now: calls are refused")
                : nil
        }
        for price in book.all {
            let texts = Self.texts(price, now) + Self.texts(price, against: reference, now)
            findings += texts.map { Finding(provider: price.provider, model: price.model, $0) }
        }
        self.findings = findings.sorted { ($0.provider, $0.model, $0.text) < ($1.provider, $1.model, $1.text) }
    }

    private static func texts(_ price: ModelPrice, _ now: Instant) -> [String] {
        var texts: [String] = []
        let rates = price.standard
        let everything =
            [price.standard, price.longContext?.rates, price.offPeak?.rates].compactMap(\.self)
            + price.services.values
        if everything.contains(where: { max($0.dearestInput, $0.dearestOutput) > absurd }) {
            texts.append("costs over $2,000 per million tokens: prices are picodollars for one token")
        }
        if rates.input.value == 0, rates.output.value == 0 { texts.append("is free") }
        if rates.cachedRead > rates.input { texts.append("a cached token is dearer than one that is not cached") }
        if rates.output < rates.input { texts.append("output is cheaper than input") }
        if let tier = price.longContext, tier.rates.input < rates.input || tier.rates.output < rates.output {
            texts.append("long requests are cheaper than short ones")
        }
        if let limit = price.maximumInputTokens, let tier = price.longContext, tier.threshold > limit {
            texts.append("the long-context threshold \(tier.threshold) is beyond the context of \(limit) tokens")
        }
        if let end = price.validUntil, end > now,
            end.unixMilliseconds - now.unixMilliseconds <= warningDays * 86_400_000
        {
            texts.append("the price ends within \(warningDays) days")
        }
        return texts
    }

    /// A factor of ten is a decimal point, not a discount.
    private static func texts(_ price: ModelPrice, against reference: PriceBook?, _ now: Instant) -> [String] {
        guard price.holds(at: now),
            let known = reference?.price(provider: price.provider, model: price.model, at: now)
        else { return [] }
        let pairs = [
            ("input", price.standard.input, known.standard.input),
            ("output", price.standard.output, known.standard.output),
        ]
        return pairs.compactMap { name, mine, other in
            guard other.value > 0, mine.value > 0, mine.value / 10 >= other.value || other.value / 10 >= mine.value
            else { return nil }
            return "\(name) is \(mine.perMillion) per million tokens; the list price is \(other.perMillion)"
        }
    }
}

extension PicodollarsPerToken {
    /// Dollars for a million tokens, exact: `2.5`, `0.0375`.
    package var perMillion: String {
        let whole = value / 1_000_000
        var fraction = String(value % 1_000_000)
        fraction = String(repeating: "0", count: 6 - fraction.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return fraction.isEmpty ? "\(whole)" : "\(whole).\(fraction)"
    }
}
