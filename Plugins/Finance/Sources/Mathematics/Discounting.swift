import Glibc

/// One amount at one time; time is counted in the unit of the rate (periods, or years of 365 days).
package struct TimedAmount: Equatable, Sendable {
    package var amount: Double
    package var time: Double

    package init(amount: Double, time: Double) {
        self.amount = amount
        self.time = time
    }
}

package enum Discounting {
    /// Σ amount / (1 + rate)^time. The rate is above −1.
    package static func presentValue(_ flows: [TimedAmount], rate: Double) -> Double {
        flows.reduce(0) { $0 + $1.amount / pow(1 + rate, $1.time) }
    }

    /// Flows one period apart; the first one lies `firstPeriod` periods from now (0: today, 1: as in a spreadsheet's
    /// NPV function).
    package static func presentValue(of amounts: [Double], rate: Double, firstPeriod: Int = 0) -> Double {
        presentValue(evenlySpaced(amounts, firstPeriod: firstPeriod), rate: rate)
    }

    package static func evenlySpaced(_ amounts: [Double], firstPeriod: Int = 0) -> [TimedAmount] {
        amounts.enumerated().map { TimedAmount(amount: $1, time: Double($0 + firstPeriod)) }
    }

    /// Times in years of 365 days from the first date, the convention of XNPV and XIRR in spreadsheets.
    package static func dated(_ amounts: [Double], on dates: [CivilDate]) -> [TimedAmount] {
        guard let first = dates.min() else { return [] }
        return zip(amounts, dates).map {
            TimedAmount(amount: $0, time: Double($1.dayNumber - first.dayNumber) / 365)
        }
    }

    /// The rate of one period that compounds to `annualRate` over a year.
    package static func periodRate(annualRate: Double, periodsPerYear: Int) -> Double {
        pow(1 + annualRate, 1 / Double(periodsPerYear)) - 1
    }

    /// The inverse of `periodRate`.
    package static func annualRate(periodRate: Double, periodsPerYear: Int) -> Double {
        pow(1 + periodRate, Double(periodsPerYear)) - 1
    }

    /// Periods until the running sum is zero or more for good, with a straight line inside the period; nil if the
    /// sum ends below zero. 0 if it was never below zero.
    package static func payback(_ amounts: [Double]) -> Double? {
        var sums: [Double] = [], running = 0.0
        for amount in amounts {
            running += amount
            sums.append(running)
        }
        guard let last = sums.last, last >= 0 else { return nil }
        guard let lastNegative = sums.lastIndex(where: { $0 < 0 }) else { return 0 }
        let gain = sums[lastNegative + 1] - sums[lastNegative]
        return Double(lastNegative) + -sums[lastNegative] / gain
    }
}
