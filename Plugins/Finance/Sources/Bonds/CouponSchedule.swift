import PluginKit

/// The coupons that are still to come, counted back from maturity; a bond that matures at a month's end pays at
/// months' ends.
struct CouponSchedule {
    let previous: CivilDate
    /// After settlement, ascending; the last one is the maturity.
    let coming: [CivilDate]
    let frequency: Int
    let accruedDays: Int
    let periodDays: Double
    /// Of a coupon period, from settlement to the next coupon.
    let firstFraction: Double

    init(
        settlement: CivilDate, maturity: CivilDate, frequency: Int, dayCount: DayCountConvention
    ) throws(TaskFailure) {
        guard [1, 2, 4, 12].contains(frequency) else { throw .invalid("/frequency: must be 1, 2, 4 or 12") }
        guard settlement < maturity else { throw .invalid("/settlement: must lie before maturity") }
        guard maturity.dayNumber - settlement.dayNumber <= 73_100 else {
            throw .invalid("/maturity: lies more than 200 years after settlement")
        }
        var dates: [CivilDate] = []
        var date = maturity
        while date > settlement {
            dates.append(date)
            guard let earlier = maturity.adding(months: -12 / frequency * dates.count, stayingAtMonthEnd: true) else {
                throw .invalid("/settlement: the coupon before it lies outside the calendar")
            }
            date = earlier
        }
        previous = date
        coming = dates.reversed()
        self.frequency = frequency
        accruedDays = dayCount.days(from: previous, to: settlement)
        periodDays = dayCount.periodDays(from: previous, to: coming[0], frequency: frequency)
        firstFraction =
            dayCount.remainingDays(from: settlement, to: coming[0], accrued: accruedDays, period: periodDays)
            / periodDays
    }

    /// In coupon periods from settlement.
    func time(_ index: Int) -> Double { Double(index) + firstFraction }
}
