/// How people write budgets, on the command line and in requests.
package enum BudgetWords {
    /// `100usd`, `$100`, `0.0025`: exact, nothing is rounded.
    package static func amount(_ text: String) -> Nanodollars? {
        Nanodollars(dollars: text.lowercased().hasSuffix("usd") ? String(text.dropLast(3)) : text)
    }

    /// `none`, `debt` or `unused:50usd`.
    package static func rollover(_ text: String) -> BudgetRollover? {
        switch text {
        case "none": BudgetRollover.none
        case "debt": BudgetRollover.debt
        default:
            text.hasPrefix("unused:") ? amount(String(text.dropFirst(7))).map { .unused(upTo: $0) } : nil
        }
    }

    /// `80,95`.
    package static func thresholds(_ text: String) -> [Int]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let percents = parts.compactMap { Int($0) }
        return percents.count == parts.count && BudgetLimit.areThresholds(percents) ? percents : nil
    }

    /// `90s`, `15m`, `36h` or `14d`, in milliseconds; never nothing.
    package static func length(_ text: String) -> Int64? {
        guard let length = DurationText.milliseconds(text), length > 0 else { return nil }
        return length
    }

    /// A calendar period by its unit (`month`), or windows of one length (`36h`) from an instant on; nil for neither.
    package static func period(
        _ text: String, zone: String, anchor: Int = 1, from: Instant = Instant(unixMilliseconds: 0)
    ) -> BudgetPeriod? {
        let period: BudgetPeriod? =
            if text == "lifetime" {
                .lifetime
            } else if let unit = BudgetPeriod.Unit(rawValue: text) {
                .calendar(unit, zone: zone, anchor: anchor)
            } else {
                length(text).map { .fixed(from: from, milliseconds: $0) }
            }
        return period.flatMap { $0.isValid ? $0 : nil }
    }
}
