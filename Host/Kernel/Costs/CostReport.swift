/// Charges added up. Sums of any dimensions over the same charges have the same total, and it is the ledger's.
package struct CostReport: Hashable, Sendable {
    /// What some charges have used and cost together.
    package struct Sums: Hashable, Sendable {
        package var calls: Int64 = 0
        /// All input, from caches and into them too.
        package var input: Int64 = 0
        package var cachedRead: Int64 = 0
        package var cacheWrite: Int64 = 0
        package var output: Int64 = 0
        package var reasoning: Int64 = 0
        package var fees = Nanodollars.zero
        package var cost = Nanodollars.zero
        /// The part of the cost that is by an assumed price.
        package var assumed = Nanodollars.zero
        /// The part that counts at its upper bound since nobody knows what was billed.
        package var ambiguous = Nanodollars.zero

        package init() {}

        package mutating func add(_ charge: Charge) {
            if charge.isCall { calls += 1 }
            if let usage = charge.usage {
                let tokens = usage.tokens
                for count in [tokens.input, tokens.cachedRead, tokens.cacheWrite, tokens.cacheWriteOneHour] {
                    Self.add(count, to: &input)
                }
                Self.add(tokens.cachedRead, to: &cachedRead)
                Self.add(tokens.cacheWrite, to: &cacheWrite)
                Self.add(tokens.cacheWriteOneHour, to: &cacheWrite)
                Self.add(tokens.output, to: &output)
                Self.add(tokens.reasoning, to: &reasoning)
                fees = fees + usage.fees
            }
            cost = cost + charge.cost
            if case .assumed = charge.detail?.prices { assumed = assumed + charge.cost }
            if charge.end == .ambiguous { ambiguous = ambiguous + charge.cost }
        }

        /// Counts come from providers: a nonsensical one must not stop a report.
        private static func add(_ count: Int64?, to sum: inout Int64) {
            let (total, overflow) = sum.addingReportingOverflow(max(0, count ?? 0))
            sum = overflow ? .max : total
        }
    }

    package struct Row: Hashable, Sendable {
        /// As the query's dimensions; nil where a charge has no value.
        package var key: [String?]
        package var sums: Sums
    }

    package private(set) var by: [CostDimension]
    /// By key.
    package var rows: [Row] {
        groups.map { Row(key: $0.key, sums: $0.value) }.sorted { left, right in
            left.key.lexicographicallyPrecedes(right.key) { ($0 ?? "") < ($1 ?? "") }
        }
    }
    package private(set) var total = Sums()
    private var groups: [[String?]: Sums] = [:]

    package init(by dimensions: [CostDimension]) { by = dimensions }

    package mutating func add(_ charge: Charge, in zone: TimeZoneRules) {
        groups[by.map { $0.value(of: charge, in: zone) }, default: Sums()].add(charge)
        total.add(charge)
    }
}
