package import PluginKit

/// An amortisation schedule in whole cents: the interest of a period is rounded once, the regular payment is one
/// amount, and the last payment settles what rounding has left. So the principal column adds up to the principal.
package enum Loan {
    package static func schedule(_ input: LoanInput) throws(TaskFailure) -> LoanOutput {
        try check(input)
        var schedule = try Schedule(input)
        try schedule.run()
        let rows = schedule.rows
        var paid = input.feeMinor ?? 0, interest = 0
        for row in rows {
            paid = try Amount.sum(paid, row.paymentMinor, row.extraMinor)
            interest = try Amount.sum(interest, row.interestMinor)
        }
        return LoanOutput(
            paymentMinor: schedule.firstPayment, exactPayment: schedule.exactPayment,
            lastPaymentMinor: rows.last?.paymentMinor ?? 0,
            totalInterestMinor: interest, totalPaidMinor: paid, effectiveAnnualRate: effectiveRate(input, rows),
            rows: rows, evidence: evidence(input))
    }

    private static func check(_ input: LoanInput) throws(TaskFailure) {
        guard input.principalMinor > 0, input.principalMinor <= Int(1e15) else {
            throw .invalid("/principal_minor: must be above 0 and at most 10^15")
        }
        guard (1...1_200).contains(input.periods) else { throw .invalid("/periods: must be 1 to 1200") }
        guard (1...366).contains(input.periodsPerYear ?? 12) else {
            throw .invalid("/periods_per_year: must be 1 to 366")
        }
        guard (0..<input.principalMinor).contains(input.balloonMinor ?? 0) else {
            throw .invalid("/balloon_minor: must be below the principal")
        }
        guard (0..<input.principalMinor).contains(input.feeMinor ?? 0) else {
            throw .invalid("/fee_minor: must be below the principal")
        }
        guard (0..<input.periods).contains(input.interestOnlyPeriods ?? 0) else {
            throw .invalid("/interest_only_periods: must leave a period that pays principal")
        }
        if input.paymentMinor != nil, (input.kind ?? .annuity) != .annuity {
            throw .invalid("/payment_minor: only an annuity has an agreed payment")
        }
    }

    /// The rate that makes what is paid worth what was received (Directive (EU) 2023/2225, annex III, with equal
    /// periods).
    private static func effectiveRate(_ input: LoanInput, _ rows: [LoanRow]) -> Double? {
        let received = Double(input.principalMinor - (input.feeMinor ?? 0))
        let flows = [received] + rows.map { -Double($0.paymentMinor + $0.extraMinor) }
        return RateOfReturn(of: Discounting.evenlySpaced(flows)).rate.map {
            Discounting.annualRate(periodRate: $0, periodsPerYear: input.periodsPerYear ?? 12)
        }
    }

    private static func evidence(_ input: LoanInput) -> Evidence {
        let perYear = input.periodsPerYear ?? 12
        return Evidence(
            method: "amortisation of a \((input.kind ?? .annuity).rawValue) loan in whole minor units",
            source: "Fabozzi, The Handbook of Fixed Income Securities, 8th ed., ch. on mortgages; effective rate:"
                + " Directive (EU) 2023/2225, annex III",
            inputs: [
                "principal \(input.principalMinor)", "annual rate \(input.annualRate)",
                "\(input.periods) periods, \(perYear) a year", "\(input.extraPayments?.count ?? 0) extra payments",
            ],
            assumptions: [
                "Interest of a period is balance × annual rate / \(perYear), exact in decimals and rounded"
                    + " \((input.rounding ?? .halfAway).rawValue) once.",
                "Extra payments come at the end of their period, and shorten the term.",
                "The last payment settles the rest.",
            ],
            uncertainty: "None in the schedule; lenders that count actual days differ by some interest.")
    }
}

/// The schedule while it is written.
private struct Schedule {
    let input: LoanInput
    let rate: ExactRate
    let firstDate: CivilDate?
    let exactPayment: Double
    /// Of an annuity the payment, of equal principal the principal of a period.
    let instalment: Int
    var extras: [Int: Int] = [:]
    var rows: [LoanRow] = []
    var firstPayment: Int { rows.isEmpty ? instalment : rows[min(interestOnly, rows.count - 1)].paymentMinor }

    private var perYear: Int { input.periodsPerYear ?? 12 }
    private var kind: LoanKind { input.kind ?? .annuity }
    private var interestOnly: Int { input.interestOnlyPeriods ?? 0 }
    private var balloon: Int { input.balloonMinor ?? 0 }

    init(_ input: LoanInput) throws(TaskFailure) {
        self.input = input
        rate = try ExactRate(input.annualRate, at: "/annual_rate")
        var firstDate: CivilDate?
        if let text = input.firstPayment { firstDate = try CivilDate.parse(text, at: "/first_payment") }
        self.firstDate = firstDate
        let paying = Double(input.periods - (input.interestOnlyPeriods ?? 0))
        let principal = Double(input.principalMinor), balloon = Double(input.balloonMinor ?? 0)
        let periodRate = input.annualRate / Double(input.periodsPerYear ?? 12)
        switch input.kind ?? .annuity {
        case .annuity:
            exactPayment = -TimeValue.payment(
                rate: periodRate, periods: paying, present: principal, future: -balloon, due: .end)
            let computed = try Amount.rounded(exactPayment)
            instalment = input.paymentMinor ?? computed
        case .equalPrincipal:
            exactPayment = (principal - balloon) / paying + principal * periodRate
            instalment = try Amount.rounded((principal - balloon) / paying)
        case .bullet:
            exactPayment = principal * periodRate
            instalment = 0
        }
        for (index, extra) in (input.extraPayments ?? []).enumerated() {
            guard (1...input.periods).contains(extra.period), extra.amountMinor > 0 else {
                throw .invalid("/extra_payments/\(index): must be above 0, in a period from 1 to \(input.periods)")
            }
            extras[extra.period] = try Amount.sum(extras[extra.period] ?? 0, extra.amountMinor)
        }
    }

    mutating func run() throws(TaskFailure) {
        var balance = input.principalMinor
        for period in 1...input.periods where balance > 0 {
            let interest = try rate.share(of: balance, over: perYear, rounding: input.rounding ?? .halfAway)
            let isLast = period == input.periods
            var principal = isLast ? balance : try regularPrincipal(period, balance, interest)
            principal = min(principal, balance)
            let extra = min(extras[period] ?? 0, balance - principal)
            balance -= principal + extra
            rows.append(
                LoanRow(
                    period: period, date: try date(period), paymentMinor: try Amount.sum(interest, principal),
                    interestMinor: interest, principalMinor: principal, extraMinor: extra, balanceMinor: balance))
        }
    }

    private func regularPrincipal(_ period: Int, _ balance: Int, _ interest: Int) throws(TaskFailure) -> Int {
        guard period > interestOnly else { return 0 }
        switch kind {
        case .bullet: return 0
        case .equalPrincipal: return min(instalment, max(0, balance - balloon))
        case .annuity:
            guard instalment > interest else {
                throw .invalid(
                    "/payment_minor: \(instalment) does not cover the interest of period \(period), \(interest);"
                        + " the loan would never be paid back")
            }
            return instalment - interest
        }
    }

    private func date(_ period: Int) throws(TaskFailure) -> String? {
        guard let firstDate else { return nil }
        let days = [52: 7, 26: 14][perYear]
        if let days { return firstDate.adding(days: days * (period - 1)).text }
        guard 12 % perYear == 0 else {
            throw .invalid("/first_payment: dates need 1, 2, 3, 4, 6, 12, 26 or 52 periods a year")
        }
        guard let date = firstDate.adding(months: 12 / perYear * (period - 1)) else {
            throw .invalid("/first_payment: the schedule leaves the calendar")
        }
        return date.text
    }
}
