import Glibc
package import PluginKit

/// Price and yield of a bond with fixed coupons by the street convention (SIFMA, Standard Securities Calculation
/// Methods, vol. 1; the formulas of spreadsheets' PRICE, YIELD, DURATION and MDURATION): compound discounting over
/// broken coupon periods, simple interest in the last one.
package enum Bond {
    package static func evaluate(_ input: BondInput) throws(TaskFailure) -> BondOutput {
        let valuation = try BondValuation(input)
        let yield: Double
        switch (input.annualYield, input.cleanPrice) {
        case (let given?, nil):
            guard given.isFinite, given > -Double(valuation.frequency), given <= 100 else {
                throw .invalid("/annual_yield: must be above -1 a period and at most 100")
            }
            yield = given
        case (nil, let price?): yield = try valuation.yield(cleanPrice: price)
        default: throw .invalid("give annual_yield or clean_price, one of them")
        }
        return try output(input, valuation, yield)
    }

    private static func output(
        _ input: BondInput, _ valuation: BondValuation, _ yield: Double
    ) throws(TaskFailure) -> BondOutput {
        let dirty = valuation.dirtyPrice(yield), risk = valuation.sensitivities(yield)
        guard [dirty, risk.macaulay, risk.convexity].allSatisfy(\.isFinite) else {
            throw .invalid("/annual_yield: gives no finite price")
        }
        var money: (dirty: Int, accrued: Int)?
        if let face = input.faceMinor {
            money = (
                try Amount.rounded(Double(face) * dirty / 100),
                try Amount.rounded(Double(face) * valuation.accrued / 100)
            )
        }
        let modified = risk.macaulay / (1 + yield / Double(valuation.frequency))
        return BondOutput(
            cleanPrice: dirty - valuation.accrued, accruedInterest: valuation.accrued, dirtyPrice: dirty,
            annualYield: yield, macaulayDuration: risk.macaulay, modifiedDuration: modified,
            convexity: risk.convexity, priceValueOfBasisPoint: dirty * modified / 10_000,
            accruedDays: valuation.schedule.accruedDays, periodDays: valuation.schedule.periodDays,
            previousCoupon: valuation.schedule.previous.text, nextCoupon: valuation.schedule.coming[0].text,
            dirtyMinor: money?.dirty, accruedMinor: money?.accrued, flows: valuation.flows(yield),
            evidence: evidence(input))
    }

    private static func evidence(_ input: BondInput) -> Evidence {
        Evidence(
            method: "street-convention price; Macaulay and modified duration, convexity as derivatives of it",
            source: "SIFMA, Standard Securities Calculation Methods, vol. 1; day counts: ISDA 2006 Definitions, 4.16",
            inputs: [
                "settlement \(input.settlement), maturity \(input.maturity)", "coupon \(input.couponRate)",
                input.annualYield.map { "yield \($0)" } ?? "clean price \(input.cleanPrice ?? 0)",
            ],
            assumptions: [
                "Coupons are equal, counted back from maturity and not moved by holidays.",
                "Day count \((input.dayCount ?? .thirty360US).rawValue); \(input.frequency ?? 2) coupons a year.",
                "In the last coupon period the price uses simple interest, durations compound interest.",
            ],
            uncertainty: "Binary floating point, about 12 digits; prices of a market quote are rounded by its rules.")
    }
}

/// One bond on one day.
private struct BondValuation {
    let schedule: CouponSchedule
    let coupon: Double
    let redemption: Double
    let accrued: Double

    var frequency: Int { schedule.frequency }

    init(_ input: BondInput) throws(TaskFailure) {
        guard input.couponRate.isFinite, (0...10).contains(input.couponRate) else {
            throw .invalid("/coupon_rate: must be 0 to 10")
        }
        redemption = input.redemption ?? 100
        guard redemption.isFinite, redemption > 0, redemption <= 1e6 else {
            throw .invalid("/redemption: must be above 0 and at most 10^6")
        }
        schedule = try CouponSchedule(
            settlement: try CivilDate.parse(input.settlement, at: "/settlement"),
            maturity: try CivilDate.parse(input.maturity, at: "/maturity"),
            frequency: input.frequency ?? 2, dayCount: input.dayCount ?? .thirty360US)
        coupon = 100 * input.couponRate / Double(schedule.frequency)
        accrued = coupon * Double(schedule.accruedDays) / schedule.periodDays
    }

    private func amount(_ index: Int) -> Double {
        coupon + (index == schedule.coming.count - 1 ? redemption : 0)
    }

    func dirtyPrice(_ yield: Double) -> Double {
        let rate = yield / Double(frequency)
        if schedule.coming.count == 1 { return amount(0) / (1 + schedule.firstFraction * rate) }
        let factor = log1p(rate)
        return schedule.coming.indices.reduce(0) { $0 + amount($1) * exp(-schedule.time($1) * factor) }
    }

    /// The price falls as the yield rises, so there is one yield at most.
    func yield(cleanPrice: Double) throws(TaskFailure) -> Double {
        let target = cleanPrice + accrued
        guard cleanPrice.isFinite, target > 0 else { throw .invalid("/clean_price: must be above 0") }
        if schedule.coming.count == 1 {
            return (amount(0) / target - 1) / schedule.firstFraction * Double(frequency)
        }
        var low = -0.99 * Double(frequency), high = 100.0
        guard dirtyPrice(low) >= target, dirtyPrice(high) <= target else {
            throw .invalid("/clean_price: no yield between -99 % a period and 10000 % a year gives \(cleanPrice)")
        }
        for _ in 0..<200 {
            let middle = low + (high - low) / 2
            guard middle > low, middle < high else { break }
            if dirtyPrice(middle) > target { low = middle } else { high = middle }
        }
        return low + (high - low) / 2
    }

    /// Macaulay duration in years, and convexity in years squared, both with compound discounting.
    func sensitivities(_ yield: Double) -> (macaulay: Double, convexity: Double) {
        let rate = yield / Double(frequency), perYear = Double(frequency)
        var value = 0.0, first = 0.0, second = 0.0
        for index in schedule.coming.indices {
            let time = schedule.time(index)
            let present = amount(index) * exp(-time * log1p(rate))
            value += present
            first += present * time
            second += present * time * (time + 1)
        }
        return (first / value / perYear, second / value / ((1 + rate) * (1 + rate)) / (perYear * perYear))
    }

    func flows(_ yield: Double) -> [BondFlow] {
        let rate = yield / Double(frequency)
        let isLast = schedule.coming.count == 1
        return schedule.coming.indices.map { index in
            let time = schedule.time(index)
            let factor = isLast ? 1 / (1 + time * rate) : exp(-time * log1p(rate))
            return BondFlow(
                date: schedule.coming[index].text, amount: amount(index), presentValue: amount(index) * factor)
        }
    }
}
