import Glibc

/// The annuity functions of spreadsheets (OpenFormula 1.2, part 2, §6.12), with their signs: money received is
/// positive, money paid is negative, and
///
///     pv·(1+r)^n + pmt·(1 + r·due)·((1+r)^n − 1)/r + fv = 0.
///
/// Growth is computed by `expm1` and `log1p`, so that rates near zero lose no digits. Rates are above −1.
package enum TimeValue {
    /// (1+r)^n − 1
    private static func growth(_ rate: Double, _ periods: Double) -> Double { expm1(periods * log1p(rate)) }

    /// Future value of a payment of 1 a period.
    private static func annuity(_ rate: Double, _ periods: Double, _ due: PaymentTiming) -> Double {
        guard rate != 0 else { return periods }
        return growth(rate, periods) / rate * (due == .begin ? 1 + rate : 1)
    }

    package static func futureValue(
        rate: Double, periods: Double, payment: Double, present: Double, due: PaymentTiming
    ) -> Double {
        -(present * (1 + growth(rate, periods)) + payment * annuity(rate, periods, due))
    }

    package static func presentValue(
        rate: Double, periods: Double, payment: Double, future: Double, due: PaymentTiming
    ) -> Double {
        -(future + payment * annuity(rate, periods, due)) / (1 + growth(rate, periods))
    }

    package static func payment(
        rate: Double, periods: Double, present: Double, future: Double, due: PaymentTiming
    ) -> Double {
        -(future + present * (1 + growth(rate, periods))) / annuity(rate, periods, due)
    }

    /// Nil if no number of periods satisfies the equation.
    package static func periods(
        rate: Double, payment: Double, present: Double, future: Double, due: PaymentTiming
    ) -> Double? {
        guard rate != 0 else { return payment == 0 ? nil : -(present + future) / payment }
        let scaled = payment * (due == .begin ? 1 + rate : 1)
        let ratio = (scaled - future * rate) / (scaled + present * rate)
        return ratio.isFinite && ratio > 0 ? log(ratio) / log1p(rate) : nil
    }

    /// All rates of a whole number of periods.
    package static func rate(
        periods: Int, payment: Double, present: Double, future: Double, due: PaymentTiming
    ) -> RateOfReturn {
        var flows = [Double](repeating: 0, count: periods + 1)
        flows[0] += present
        flows[periods] += future
        for period in 0..<periods { flows[period + (due == .begin ? 0 : 1)] += payment }
        return RateOfReturn(of: Discounting.evenlySpaced(flows))
    }

    /// The interest in the payment of a period, from 1.
    package static func interest(
        rate: Double, period: Int, periods: Double, present: Double, future: Double, due: PaymentTiming
    ) -> Double {
        if due == .begin, period == 1 { return 0 }
        let payment = payment(rate: rate, periods: periods, present: present, future: future, due: due)
        let balance = futureValue(
            rate: rate, periods: Double(period - 1), payment: payment, present: present, due: due)
        return balance * rate / (due == .begin ? 1 + rate : 1)
    }

    /// MIRR: negative amounts are financed, positive ones reinvested. Nil without an amount of each sign.
    package static func modifiedInternalRate(
        _ values: [Double], financeRate: Double, reinvestRate: Double
    ) -> Double? {
        let last = Double(values.count - 1)
        let gains = Discounting.presentValue(of: values.map { max($0, 0) }, rate: reinvestRate)
        let losses = Discounting.presentValue(of: values.map { min($0, 0) }, rate: financeRate)
        guard last > 0, gains > 0, losses < 0 else { return nil }
        return expm1((log(gains) - log(-losses)) / last + log1p(reinvestRate))
    }
}
