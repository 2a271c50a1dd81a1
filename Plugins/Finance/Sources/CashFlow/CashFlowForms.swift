package import PluginKit

/// A spreadsheet's financial functions, by their names.
package enum CashFlowFunction: String, Codable, Sendable, CaseIterable {
    case presentValue = "PV"
    case futureValue = "FV"
    case payment = "PMT"
    case periodCount = "NPER"
    case rate = "RATE"
    case interestPart = "IPMT"
    case principalPart = "PPMT"
    case cumulativeInterest = "CUMIPMT"
    case cumulativePrincipal = "CUMPRINC"
    case netPresentValue = "NPV"
    case internalRate = "IRR"
    case modifiedInternalRate = "MIRR"
    case datedPresentValue = "XNPV"
    case datedInternalRate = "XIRR"
}

/// When in its period an instalment is paid.
package enum PaymentTiming: String, Codable, Sendable, CaseIterable {
    case end
    case begin
}

/// The arguments of one function; each function says which it needs.
package struct CashFlowInput: Codable, Sendable, SchemaDescribing {
    package var function: CashFlowFunction
    package var rate: Double?
    package var periods: Double?
    package var payment: Double?
    package var presentValue: Double?
    package var futureValue: Double?
    package var due: PaymentTiming?
    package var period: Int?
    package var startPeriod: Int?
    package var endPeriod: Int?
    package var values: [Double]?
    package var dates: [String]?
    package var financeRate: Double?
    package var reinvestRate: Double?
    package var guess: Double?

    enum CodingKeys: String, CodingKey {
        case function, rate, periods, payment, due, period, values, dates, guess
        case presentValue = "present_value"
        case futureValue = "future_value"
        case startPeriod = "start_period"
        case endPeriod = "end_period"
        case financeRate = "finance_rate"
        case reinvestRate = "reinvest_rate"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("function", "The spreadsheet function.")
        schema.property("rate", "For one period (XNPV: for a year); 0.01 is 1 %.", minimum: -0.9999, maximum: 10000)
        schema.property("periods", "Number of periods.", minimum: 0, maximum: 100000)
        schema.property("payment", "Paid each period; money paid out is negative.", minimum: -1e15, maximum: 1e15)
        schema.property("present_value", "Amount now; 0 if absent.", minimum: -1e15, maximum: 1e15)
        schema.property("future_value", "Amount after the last payment; 0 if absent.", minimum: -1e15, maximum: 1e15)
        schema.property("due", "end if absent.")
        schema.property("period", "Of IPMT and PPMT: 1 is the first.", minimum: 1, maximum: 100000)
        schema.property("start_period", "Of CUMIPMT and CUMPRINC.", minimum: 1, maximum: 100000)
        schema.property("end_period", "Of CUMIPMT and CUMPRINC, included.", minimum: 1, maximum: 100000)
        schema.property(
            "values",
            "Amounts of NPV, IRR, MIRR, XNPV and XIRR; money paid out is negative.",
            minimum: -1e15, maximum: 1e15, minItems: 1, maxItems: 10000)
        schema.property(
            "dates",
            "One for each value, for XNPV and XIRR; none before the first.",
            maxItems: 10000, pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("finance_rate", "Of MIRR: paid on negative amounts.", minimum: -0.9999, maximum: 10000)
        schema.property("reinvest_rate", "Of MIRR: earned on positive amounts.", minimum: -0.9999, maximum: 10000)
        schema.property(
            "guess",
            "Of RATE, IRR and XIRR: if there are several rates, the one nearest to this is the value.",
            minimum: -0.9999, maximum: 10000)
    }
}

/// The value, in the unit of the amounts or as a rate.
package struct CashFlowOutput: Codable, Sendable, SchemaDescribing {
    package var value: Double?
    package var status: String
    package var roots: [Double]?
    package var evidence: Evidence

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("value", "Absent if there is no rate, or several and no guess.")
        schema.property("status", "unique, multiple_roots or no_root; unique for what is not a rate.")
        schema.property("roots", "All rates, of RATE, IRR and XIRR.")
        schema.property("evidence", "What the value rests on.")
    }
}
