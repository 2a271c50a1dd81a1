/// What another price book changes, model by model.
package struct PriceDifference: Hashable, Sendable {
    package struct Change: Hashable, Sendable {
        package var provider: String
        package var model: String
        /// One for each span of time that has prices of its own; empty: unpriced.
        package var before: [ModelPrice]
        package var after: [ModelPrice]

        package var isAdded: Bool { before.isEmpty }
        package var isRemoved: Bool { after.isEmpty }
    }

    /// By provider and model.
    package let changes: [Change]

    package init(from old: PriceBook, to new: PriceBook) {
        let (before, after) = (Self.byModel(old), Self.byModel(new))
        changes = Set(before.keys).union(after.keys).sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }.compactMap { key in
            let (old, new) = (before[key, default: []], after[key, default: []])
            return old == new ? nil : Change(provider: key[0], model: key[1], before: old, after: new)
        }
    }

    private static func byModel(_ book: PriceBook) -> [[String]: [ModelPrice]] {
        Dictionary(grouping: book.all) { [$0.provider, $0.model] }
    }
}
