/// What a window will have cost when it closes.
///
/// The method: what is spent, and for each day that is left (today in part) the mean of the same weekday's days in
/// the history, or of all its days while that weekday has fewer than two. The uncertainty is twice the square root
/// of the summed variances of those days, which is what independent days would give in 19 cases of 20. With fewer
/// than two whole days of history, the rate since the window opened goes on, and the uncertainty is as large as what
/// it adds.
package struct BudgetForecast: Hashable, Sendable {
    package var spent: Nanodollars
    package var expected: Nanodollars
    /// Not below what is spent.
    package var low: Nanodollars
    package var high: Nanodollars
    /// Whole days that the rate comes from.
    package var historyDays: Int

    /// How far back a history goes: four of each weekday.
    package static let maximumHistoryDays = 28

    /// - Parameter history: what whole days before today cost, zeros included.
    package init(
        spent: Nanodollars, window: BudgetWindow, now: Instant, zone: TimeZoneRules, history: [CivilDate: Nanodollars]
    ) {
        self.spent = spent
        historyDays = history.count
        let (added, deviation) =
            history.count < 2
            ? Self.goingOn(spent, window, now) : Self.byWeekday(window, now, zone, Days(history))
        expected = Self.amount(Int128(spent.value) + added)
        low = Self.amount(Int128(spent.value) + max(0, added - 2 * deviation))
        high = Self.amount(Int128(spent.value) + added + 2 * deviation)
    }

    private static func amount(_ value: Int128) -> Nanodollars { Nanodollars(Int64(clamping: value)) }

    private static func goingOn(
        _ spent: Nanodollars, _ window: BudgetWindow, _ now: Instant
    ) -> (added: Int128, deviation: Int128) {
        let elapsed = Int128(max(1, now.unixMilliseconds - window.opens.unixMilliseconds))
        let left = Int128(max(0, window.closes.unixMilliseconds - now.unixMilliseconds))
        let added = Int128(spent.value) * left / elapsed
        return (added, (added + 1) / 2)
    }

    private static func byWeekday(
        _ window: BudgetWindow, _ now: Instant, _ zone: TimeZoneRules, _ days: Days
    ) -> (added: Int128, deviation: Int128) {
        var added: Int128 = 0, variance: Int128 = 0
        var date = zone.date(at: now), from = now
        while from < window.closes {
            let next = zone.start(of: date.adding(days: 1)), until = min(next, window.closes)
            let length = Int128(max(1, next.unixMilliseconds - zone.start(of: date).unixMilliseconds))
            let part = Int128(until.unixMilliseconds - from.unixMilliseconds)
            let group = days.group(of: date.weekday)
            added += group.mean * part / length
            variance += group.variance * part / length
            (date, from) = (date.adding(days: 1), next)
        }
        return (added, squareRoot(variance) * Days.unit)
    }

    /// Whole days, as samples.
    private struct Days {
        /// Variances are computed in units of about a microdollar, so that their sum over a year fits.
        static let unit: Int128 = 1_024

        struct Group {
            var mean: Int128
            /// In squared units.
            var variance: Int128
        }

        private let all: Group
        private let weekdays: [Int: Group]

        init(_ history: [CivilDate: Nanodollars]) {
            all = Self.group(history.values.map { Int128($0.value) })
            weekdays = Dictionary(grouping: history, by: { $0.key.weekday })
                .filter { $0.value.count >= 2 }
                .mapValues { Self.group($0.map { Int128($0.value.value) }) }
        }

        func group(of weekday: Int) -> Group { weekdays[weekday] ?? all }

        private static func group(_ samples: [Int128]) -> Group {
            let count = Int128(samples.count)
            let mean = samples.reduce(0, +) / count
            let squares = samples.reduce(Int128(0)) { sum, sample in
                let distance = (sample - mean) / unit
                return sum + distance * distance
            }
            return Group(mean: mean, variance: squares / max(1, count - 1))
        }
    }

    /// The largest whole number whose square is not above.
    static func squareRoot(_ value: Int128) -> Int128 {
        guard value > 0 else { return 0 }
        var root = Int128(1) << ((128 - value.leadingZeroBitCount + 1) / 2)
        while true {
            let next = (root + value / root) / 2
            if next >= root { return root }
            root = next
        }
    }
}
