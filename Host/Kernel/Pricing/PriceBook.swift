/// All prices that this host knows, at all times they held. A book is immutable and has a digest, which is stored with
/// what was charged by it, so that a charge can be computed again years later.
package struct PriceBook: Sendable {
    private struct Key: Hashable {
        var provider: String
        var model: String
    }

    private var prices: [Key: [ModelPrice]]
    /// Of the text it was read from.
    package let digest: Digest

    /// Reads all of a price file or nothing: half a price book would let unpriced calls through.
    ///
    /// - Parameter csv: see ``PriceFile`` for the columns.
    package init(csv: String) throws(PriceFileError) {
        prices = [:]
        digest = .sha256(csv.utf8)
        for row in try PriceFile.rows(of: csv) {
            let key = Key(provider: row.price.provider, model: row.price.model)
            let others = prices[key, default: []]
            guard !others.contains(where: { Self.overlap($0, row.price) }) else {
                throw PriceFileError("\(key.provider)/\(key.model) has two prices for the same time", line: row.line)
            }
            prices[key] = others + [row.price]
        }
    }

    private init(prices: [Key: [ModelPrice]], digest: Digest) {
        self.prices = prices
        self.digest = digest
    }

    /// - Parameter csv: nil for nothing over `own`.
    package init(_ csv: String?, over own: PriceBook) throws(PriceFileError) {
        guard let csv else {
            self = own
            return
        }
        self = own.overlaid(by: try PriceBook(csv: csv))
    }

    /// Nil: unpriced. Unknown is not free.
    package func price(provider: String, model: String, at instant: Instant) -> ModelPrice? {
        prices[Key(provider: provider, model: model)]?.first { $0.holds(at: instant) }
    }

    /// All models of a provider that have a price then, by name.
    package func prices(of provider: String, at instant: Instant) -> [ModelPrice] {
        prices.filter { $0.key.provider == provider }
            .compactMap { $0.value.first { $0.holds(at: instant) } }
            .sorted { $0.model < $1.model }
    }

    package var count: Int { prices.values.reduce(0) { $0 + $1.count } }

    /// By provider, model and time.
    package var all: [ModelPrice] {
        prices.values.joined().sorted {
            ($0.provider, $0.model, $0.validFrom?.unixMilliseconds ?? .min)
                < ($1.provider, $1.model, $1.validFrom?.unixMilliseconds ?? .min)
        }
    }

    /// The operator's own prices over these: a model that `book` names has only the prices that `book` gives it.
    package func overlaid(by book: PriceBook) -> PriceBook {
        PriceBook(
            prices: prices.merging(book.prices) { $1 }, digest: .sha256(digest.bytes + book.digest.bytes))
    }

    private static func overlap(_ left: ModelPrice, _ right: ModelPrice) -> Bool {
        func startsBeforeEnd(_ first: ModelPrice, _ second: ModelPrice) -> Bool {
            guard let start = first.validFrom, let end = second.validUntil else { return true }
            return start < end
        }
        return startsBeforeEnd(left, right) && startsBeforeEnd(right, left)
    }
}
