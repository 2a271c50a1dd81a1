package import PluginKit

/// One spreadsheet function: takes its arguments out of the form, and refuses a form that lacks one.
package enum CashFlow {
    package static func evaluate(_ input: CashFlowInput) throws(TaskFailure) -> CashFlowOutput {
        let arguments = Arguments(input: input)
        switch input.function {
        case .rate, .internalRate, .datedInternalRate:
            return try rateAnswer(input, try arguments.rates())
        default:
            guard let value = try arguments.value(), value.isFinite else {
                throw .invalid("\(input.function.rawValue) has no finite value for these arguments")
            }
            return CashFlowOutput(value: value, status: "unique", roots: nil, evidence: evidence(input))
        }
    }

    private static func rateAnswer(
        _ input: CashFlowInput, _ result: RateOfReturn
    ) throws(TaskFailure) -> CashFlowOutput {
        var value = result.rate
        if let guess = input.guess, result.roots.count > 1 {
            value = result.roots.min { abs($0 - guess) < abs($1 - guess) }
        }
        return CashFlowOutput(
            value: value, status: result.status.rawValue, roots: result.roots, evidence: evidence(input))
    }

    private static func evidence(_ input: CashFlowInput) -> Evidence {
        var assumptions = ["Money received is positive, money paid is negative."]
        switch input.function {
        case .netPresentValue: assumptions.append("The first value lies one period from now.")
        case .datedPresentValue, .datedInternalRate:
            assumptions.append("Time is days/365 from the first date in the list; the rate is for 365 days.")
        case .internalRate, .modifiedInternalRate: assumptions.append("The first value lies today.")
        default: assumptions.append("Instalments are paid at the \((input.due ?? .end).rawValue) of each period.")
        }
        return Evidence(
            method: input.function.rawValue,
            source: "OpenFormula 1.2 (OASIS), part 2, section 6.12; rates by Descartes' rule of signs, all roots",
            inputs: input.values.map { ["\($0.count) values"] } ?? ["the arguments of the call"],
            assumptions: assumptions,
            uncertainty: "Binary floating point, about 15 digits; a rate is found to its last bit.")
    }
}

/// The arguments of one call, each asked for by the function that needs it.
private struct Arguments {
    let input: CashFlowInput

    private var due: PaymentTiming { input.due ?? .end }
    private var present: Double { input.presentValue ?? 0 }
    private var future: Double { input.futureValue ?? 0 }

    private func need<T>(_ value: T?, _ name: String) throws(TaskFailure) -> T {
        guard let value else { throw .invalid("/\(name): \(input.function.rawValue) needs it") }
        return value
    }

    private func finite(_ value: Double, _ name: String) throws(TaskFailure) -> Double {
        guard value.isFinite else { throw .invalid("/\(name): is not a finite number") }
        return value
    }

    private func rate() throws(TaskFailure) -> Double {
        let rate = try finite(try need(input.rate, "rate"), "rate")
        guard rate > -1 else { throw .invalid("/rate: must be above -1") }
        return rate
    }

    private func periods() throws(TaskFailure) -> Double {
        let periods = try finite(try need(input.periods, "periods"), "periods")
        guard periods > 0, periods <= 100_000 else { throw .invalid("/periods: must be above 0 and at most 100000") }
        return periods
    }

    func value() throws(TaskFailure) -> Double? {
        switch input.function {
        case .presentValue:
            TimeValue.presentValue(
                rate: try rate(), periods: try periods(), payment: try need(input.payment, "payment"),
                future: future, due: due)
        case .futureValue:
            TimeValue.futureValue(
                rate: try rate(), periods: try periods(), payment: try need(input.payment, "payment"),
                present: present, due: due)
        case .payment:
            TimeValue.payment(
                rate: try rate(), periods: try periods(), present: present, future: future, due: due)
        case .periodCount:
            TimeValue.periods(
                rate: try rate(), payment: try need(input.payment, "payment"), present: present, future: future,
                due: due)
        case .interestPart: try part(try need(input.period, "period")).interest
        case .principalPart: try part(try need(input.period, "period")).principal
        case .cumulativeInterest: try cumulative().interest
        case .cumulativePrincipal: try cumulative().principal
        case .netPresentValue:
            Discounting.presentValue(of: try values(1), rate: try rate(), firstPeriod: 1)
        case .modifiedInternalRate: try modified()
        case .datedPresentValue: Discounting.presentValue(try dated(), rate: try rate())
        case .rate, .internalRate, .datedInternalRate: nil
        }
    }

    func rates() throws(TaskFailure) -> RateOfReturn {
        switch input.function {
        case .rate:
            let periods = try periods()
            guard let whole = Int(exactly: periods) else {
                throw .invalid("/periods: RATE takes a whole number of periods")
            }
            return TimeValue.rate(
                periods: whole, payment: try need(input.payment, "payment"), present: present, future: future,
                due: due)
        case .internalRate: return try .checked(Discounting.evenlySpaced(try values(2)), at: "/values")
        default: return try .checked(try dated(), at: "/values")
        }
    }

    private func part(_ period: Int) throws(TaskFailure) -> (interest: Double, principal: Double) {
        let rate = try rate(), periods = try periods()
        guard period >= 1, Double(period) <= periods else {
            throw .invalid("/period: \(period) is not one of the \(periods) periods")
        }
        let interest = TimeValue.interest(
            rate: rate, period: period, periods: periods, present: present, future: future, due: due)
        let payment = TimeValue.payment(rate: rate, periods: periods, present: present, future: future, due: due)
        return (interest, payment - interest)
    }

    private func cumulative() throws(TaskFailure) -> (interest: Double, principal: Double) {
        let start = try need(input.startPeriod, "start_period"), end = try need(input.endPeriod, "end_period")
        guard start <= end else { throw .invalid("/end_period: lies before start_period") }
        var sum = (interest: 0.0, principal: 0.0)
        for period in start...end {
            let part = try part(period)
            sum.interest += part.interest
            sum.principal += part.principal
        }
        return sum
    }

    private func values(_ minimum: Int) throws(TaskFailure) -> [Double] {
        let values = try need(input.values, "values")
        guard values.count >= minimum else { throw .invalid("/values: \(minimum) or more are needed") }
        if let bad = values.firstIndex(where: { !$0.isFinite }) { throw .invalid("/values/\(bad): is not finite") }
        return values
    }

    private func modified() throws(TaskFailure) -> Double {
        let rates = (try need(input.financeRate, "finance_rate"), try need(input.reinvestRate, "reinvest_rate"))
        let values = try values(2)
        guard rates.0 > -1, rates.1 > -1,
            let value = TimeValue.modifiedInternalRate(values, financeRate: rates.0, reinvestRate: rates.1)
        else { throw .invalid("/values: MIRR needs an amount of each sign, and rates above -1") }
        return value
    }

    private func dated() throws(TaskFailure) -> [TimedAmount] {
        let values = try values(1), texts = try need(input.dates, "dates")
        guard values.count == texts.count else {
            throw .invalid("/dates: \(texts.count) dates for \(values.count) values")
        }
        var dates: [CivilDate] = []
        for (index, text) in texts.enumerated() {
            let date = try CivilDate.parse(text, at: "/dates/\(index)")
            if let first = dates.first, date < first {
                throw .invalid("/dates/\(index): \(text) lies before the first date")
            }
            dates.append(date)
        }
        return Discounting.dated(values, on: dates)
    }
}
