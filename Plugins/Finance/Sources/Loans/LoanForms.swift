package import PluginKit

/// How the principal is paid back.
package enum LoanKind: String, Codable, Sendable, CaseIterable {
    case annuity
    case equalPrincipal = "equal_principal"
    case bullet
}

/// What happens to fractions of the minor unit.
package enum CentRounding: String, Codable, Sendable, CaseIterable {
    case halfAway = "half_away"
    case halfEven = "half_even"
    case up
    case down
}

/// Principal paid beside the instalment.
package struct ExtraPayment: Codable, Sendable, SchemaDescribing {
    package var period: Int
    package var amountMinor: Int

    enum CodingKeys: String, CodingKey {
        case period
        case amountMinor = "amount_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("period", "1 is the first.", minimum: 1, maximum: 1200)
        schema.property("amount_minor", "Paid at the end of the period.", minimum: 1, maximum: 1e15)
    }
}

/// A loan with equal periods.
package struct LoanInput: Codable, Sendable, SchemaDescribing {
    package var principalMinor: Int
    package var annualRate: Double
    package var periods: Int
    package var periodsPerYear: Int?
    package var kind: LoanKind?
    package var rounding: CentRounding?
    package var paymentMinor: Int?
    package var balloonMinor: Int?
    package var interestOnlyPeriods: Int?
    package var feeMinor: Int?
    package var firstPayment: String?
    package var extraPayments: [ExtraPayment]?

    enum CodingKeys: String, CodingKey {
        case periods, kind, rounding
        case principalMinor = "principal_minor"
        case annualRate = "annual_rate"
        case periodsPerYear = "periods_per_year"
        case paymentMinor = "payment_minor"
        case balloonMinor = "balloon_minor"
        case interestOnlyPeriods = "interest_only_periods"
        case feeMinor = "fee_minor"
        case firstPayment = "first_payment"
        case extraPayments = "extra_payments"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("principal_minor", "Amount lent.", minimum: 1, maximum: 1e15)
        schema.property("annual_rate", "Nominal, a year; 0.065 is 6.5 %.", minimum: 0, maximum: 10)
        schema.property("periods", "Number of instalments.", minimum: 1, maximum: 1200)
        schema.property("periods_per_year", "12 if absent.", minimum: 1, maximum: 366)
        schema.property("kind", "annuity if absent.")
        schema.property(
            "rounding", "Of the interest of a period; half_away if absent. The payment is rounded half away.")
        schema.property(
            "payment_minor", "An agreed payment of an annuity; computed if absent.", minimum: 1, maximum: 1e15)
        schema.property("balloon_minor", "Principal that is left for the last payment.", minimum: 0, maximum: 1e15)
        schema.property(
            "interest_only_periods", "Periods at the start that pay no principal.", minimum: 0, maximum: 1199)
        schema.property(
            "fee_minor",
            "Kept back when the loan is paid out; counts in the effective rate.",
            minimum: 0, maximum: 1e15)
        schema.property(
            "first_payment",
            "Date of the first instalment, for a dated schedule.",
            pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("extra_payments", "Shorten the term.", maxItems: 1200)
    }
}

/// One instalment.
package struct LoanRow: Codable, Sendable, SchemaDescribing {
    package var period: Int
    package var date: String?
    package var paymentMinor: Int
    package var interestMinor: Int
    package var principalMinor: Int
    package var extraMinor: Int
    package var balanceMinor: Int

    enum CodingKeys: String, CodingKey {
        case period, date
        case paymentMinor = "payment_minor"
        case interestMinor = "interest_minor"
        case principalMinor = "principal_minor"
        case extraMinor = "extra_minor"
        case balanceMinor = "balance_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("period", "From 1.")
        schema.property("date", "If the input has a first payment.")
        schema.property("payment_minor", "Interest and principal, without extra.")
        schema.property("interest_minor", "Of the period.")
        schema.property("principal_minor", "Paid back, without extra.")
        schema.property("extra_minor", "Paid beside.")
        schema.property("balance_minor", "Left afterwards.")
    }
}

/// A schedule that adds up to the cent.
package struct LoanOutput: Codable, Sendable, SchemaDescribing {
    package var paymentMinor: Int
    package var exactPayment: Double
    package var lastPaymentMinor: Int
    package var totalInterestMinor: Int
    package var totalPaidMinor: Int
    package var effectiveAnnualRate: Double?
    package var rows: [LoanRow]
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case rows, evidence
        case paymentMinor = "payment_minor"
        case exactPayment = "exact_payment"
        case lastPaymentMinor = "last_payment_minor"
        case totalInterestMinor = "total_interest_minor"
        case totalPaidMinor = "total_paid_minor"
        case effectiveAnnualRate = "effective_annual_rate"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("payment_minor", "The regular payment; of equal principal the first one.")
        schema.property("exact_payment", "The regular payment before it is rounded.")
        schema.property("last_payment_minor", "Settles what rounding has left.")
        schema.property("total_interest_minor", "All interest.")
        schema.property("total_paid_minor", "Payments, extra payments and the fee.")
        schema.property("effective_annual_rate", "With the fee; absent if no rate or several fit.")
        schema.property("rows", "All instalments.")
        schema.property("evidence", "What the schedule rests on.")
    }
}
