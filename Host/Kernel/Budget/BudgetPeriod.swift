/// How long a limit lasts before it begins anew.
package enum BudgetPeriod: Hashable, Sendable, CustomStringConvertible {
    package enum Unit: String, CaseIterable, Sendable { case day, week, month, quarter, year }

    /// One window, for ever.
    case lifetime
    /// Calendar windows in a zone. Weeks begin on Monday. `anchor`: the day of the month on which months, quarters
    /// and years begin; a shorter month's last day stands in for it.
    case calendar(Unit, zone: String, anchor: Int = 1)
    /// Windows of one length, one after the other, from an instant on.
    case fixed(from: Instant, milliseconds: Int64)

    /// The stable name used in storage: `lifetime`, `month@Europe/Berlin`, `month:31@UTC`, `fixed:0+3600000`.
    package var description: String {
        switch self {
        case .lifetime: "lifetime"
        case .calendar(let unit, let zone, let anchor): "\(unit.rawValue)\(anchor == 1 ? "" : ":\(anchor)")@\(zone)"
        case .fixed(let from, let milliseconds): "fixed:\(from.unixMilliseconds)+\(milliseconds)"
        }
    }

    package init?(_ text: String) {
        if text == "lifetime" {
            self = .lifetime
        } else if text.hasPrefix("fixed:") {
            let parts = text.dropFirst(6).split(separator: "+", omittingEmptySubsequences: false)
            guard parts.count == 2, let from = Int64(parts[0]), let length = Int64(parts[1]) else { return nil }
            self = .fixed(from: Instant(unixMilliseconds: from), milliseconds: length)
        } else {
            let parts = text.split(separator: "@", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return nil }
            let words = parts[0].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard let unit = Unit(rawValue: words[0]), words.count <= 2,
                let anchor = words.count == 2 ? Int(words[1]) : 1
            else { return nil }
            self = .calendar(unit, zone: parts[1], anchor: anchor)
        }
        guard isValid, description == text else { return nil }
    }

    /// The shortest fixed window: windows cost a row each.
    package static let minimumMilliseconds: Int64 = 60_000

    package var isValid: Bool {
        switch self {
        case .lifetime: true
        case .calendar(let unit, let zone, let anchor):
            ZoneName.isValid(zone) && (unit == .day || unit == .week ? anchor == 1 : (1...31).contains(anchor))
        case .fixed(let from, let milliseconds):
            (Self.minimumMilliseconds...1 << 45).contains(milliseconds)
                && (0...1 << 45).contains(from.unixMilliseconds)
        }
    }

    /// The zone whose rules ``window(containing:in:)`` needs.
    package var zone: String? { if case .calendar(_, let zone, _) = self { zone } else { nil } }

    /// The window that `instant` lies in.
    package func window(containing instant: Instant, in zone: TimeZoneRules) -> BudgetWindow {
        switch self {
        case .lifetime: return .lifetime
        case .fixed(let from, let milliseconds):
            let past = instant.unixMilliseconds - from.unixMilliseconds
            let opens = from.advanced(byMilliseconds: past.floorDivided(by: milliseconds) * milliseconds)
            return BudgetWindow(opens: opens, closes: opens.advanced(byMilliseconds: milliseconds))
        case .calendar(let unit, _, let anchor):
            var index = Self.index(of: zone.date(at: instant), unit, anchor)
            // A clock that is set back over midnight shows the old day again.
            if instant < zone.start(of: Self.first(index, unit, anchor)) { index -= 1 }
            return BudgetWindow(
                opens: zone.start(of: Self.first(index, unit, anchor)),
                closes: zone.start(of: Self.first(index + 1, unit, anchor)))
        }
    }

    private static func months(_ unit: Unit) -> Int {
        switch unit {
        case .day, .week, .month: 1
        case .quarter: 3
        case .year: 12
        }
    }

    /// Counts windows; which one is number 0 does not matter.
    private static func index(of date: CivilDate, _ unit: Unit, _ anchor: Int) -> Int {
        switch unit {
        case .day: return date.daysSinceEpoch
        case .week: return (date.daysSinceEpoch + 3).floorDivided(by: 7)
        case .month, .quarter, .year:
            let index = (date.year * 12 + date.month - 1).floorDivided(by: months(unit))
            return date < first(index, unit, anchor) ? index - 1 : index
        }
    }

    private static func first(_ index: Int, _ unit: Unit, _ anchor: Int) -> CivilDate {
        switch unit {
        case .day: CivilDate(daysSinceEpoch: index)
        case .week: CivilDate(daysSinceEpoch: index * 7 - 3)
        case .month, .quarter, .year:
            CivilDate(daysSinceEpoch: 0).month(offset: index * months(unit) - 1970 * 12, anchor: anchor)
        }
    }
}

/// Half open: a charge at `closes` belongs to the next one.
package struct BudgetWindow: Hashable, Sendable {
    package let opens: Instant
    package let closes: Instant

    package init(opens: Instant, closes: Instant) {
        self.opens = opens
        self.closes = closes
    }

    package static let lifetime = BudgetWindow(
        opens: Instant(unixMilliseconds: 0), closes: Instant(unixMilliseconds: .max))
}
