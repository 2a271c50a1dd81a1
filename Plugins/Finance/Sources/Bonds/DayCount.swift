import PluginKit

/// Days between two dates by a convention (ISDA 2006 Definitions, section 4.16; the names are those of spreadsheets'
/// basis 0 to 4).
extension DayCountConvention {
    func days(from start: CivilDate, to end: CivilDate) -> Int {
        switch self {
        case .thirty360US: Self.thirty360US(start, end)
        case .thirty360E: Self.thirty360(start, end) { ($0 == 31 ? 30 : $0, $1 == 31 ? 30 : $1) }
        case .actualActual, .actual360, .actual365: end.dayNumber - start.dayNumber
        }
    }

    /// The days of one coupon period in the denominator of accrued interest.
    func periodDays(from start: CivilDate, to end: CivilDate, frequency: Int) -> Double {
        switch self {
        case .thirty360US, .thirty360E, .actual360: 360 / Double(frequency)
        case .actual365: 365 / Double(frequency)
        case .actualActual: Double(end.dayNumber - start.dayNumber)
        }
    }

    /// The days that are left of a coupon period: with 30/360 what accrued interest leaves of it, else actual days.
    func remainingDays(from settlement: CivilDate, to next: CivilDate, accrued: Int, period: Double) -> Double {
        switch self {
        case .thirty360US, .thirty360E: period - Double(accrued)
        case .actualActual, .actual360, .actual365: Double(next.dayNumber - settlement.dayNumber)
        }
    }

    private static func thirty360(
        _ start: CivilDate, _ end: CivilDate, _ adjust: (Int, Int) -> (Int, Int)
    ) -> Int {
        let (startYear, startMonth, startDay) = start.components
        let (endYear, endMonth, endDay) = end.components
        let (first, last) = adjust(startDay, endDay)
        return (endYear - startYear) * 360 + (endMonth - startMonth) * 30 + last - first
    }

    /// The US rule treats the last day of February as a 30th.
    private static func thirty360US(_ start: CivilDate, _ end: CivilDate) -> Int {
        func isEndOfFebruary(_ date: CivilDate) -> Bool { date.components.month == 2 && date.isEndOfMonth }
        return thirty360(start, end) { startDay, endDay in
            var first = startDay, last = endDay
            if isEndOfFebruary(start) {
                if isEndOfFebruary(end) { last = 30 }
                first = 30
            }
            if last == 31, first >= 30 { last = 30 }
            if first == 31 { first = 30 }
            return (first, last)
        }
    }
}
