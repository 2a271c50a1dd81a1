package import PluginKit

package struct NpvInput: Codable, Sendable, SchemaDescribing {
    package var amountsMinor: [Int]
    /// For one period.
    package var rate: Double
    package var firstPeriod: Int?

    package init(
        amountsMinor: [Int], rate: Double, firstPeriod: Int? = nil
    ) {
        self.amountsMinor = amountsMinor
        self.rate = rate
        self.firstPeriod = firstPeriod
    }

    enum CodingKeys: String, CodingKey {
        case rate
        case amountsMinor = "amounts_minor"
        case firstPeriod = "first_period"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("amounts_minor", "One amount a period, outflows negative.", minItems: 1, maxItems: 601)
        schema.property("rate", "For one period, 0.1 is 10 %.", minimum: -0.99, maximum: 10_000)
        schema.property(
            "first_period", "0: the first amount is today (default); 1: as in a spreadsheet.", minimum: 0, maximum: 1)
    }
}

package struct NpvOutput: Codable, Sendable {
    package var npvMinor: Int

    enum CodingKeys: String, CodingKey { case npvMinor = "npv_minor" }
}

package struct IrrInput: Codable, Sendable, SchemaDescribing {
    package var amountsMinor: [Int]
    package var periodsPerYear: Int?

    package init(
        amountsMinor: [Int], periodsPerYear: Int? = nil
    ) {
        self.amountsMinor = amountsMinor
        self.periodsPerYear = periodsPerYear
    }

    enum CodingKeys: String, CodingKey {
        case amountsMinor = "amounts_minor"
        case periodsPerYear = "periods_per_year"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("amounts_minor", "One amount a period, outflows negative.", minItems: 2, maxItems: 601)
        schema.property("periods_per_year", "For the annual rate; 1 if absent.", minimum: 1, maximum: 365)
    }
}

package struct XirrInput: Codable, Sendable {
    package var flows: [DatedAmount]

    package init(
        flows: [DatedAmount]
    ) {
        self.flows = flows
    }
}

package struct DatedAmount: Codable, Sendable, SchemaDescribing {
    package var date: String
    package var amountMinor: Int

    package init(
        date: String, amountMinor: Int
    ) {
        self.date = date
        self.amountMinor = amountMinor
    }

    enum CodingKeys: String, CodingKey {
        case date
        case amountMinor = "amount_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("date", "YYYY-MM-DD.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("amount_minor", "Outflows negative.", minimum: -1e15, maximum: 1e15)
    }
}

package struct BreakEvenInput: Codable, Sendable, SchemaDescribing {
    package var fixedCostMinor: Int
    package var priceMinor: Int
    package var unitCostMinor: Int

    package init(
        fixedCostMinor: Int, priceMinor: Int, unitCostMinor: Int
    ) {
        self.fixedCostMinor = fixedCostMinor
        self.priceMinor = priceMinor
        self.unitCostMinor = unitCostMinor
    }

    enum CodingKeys: String, CodingKey {
        case fixedCostMinor = "fixed_cost_minor"
        case priceMinor = "price_minor"
        case unitCostMinor = "unit_cost_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("fixed_cost_minor", "To be covered.", minimum: 0, maximum: 9e15)
        schema.property("price_minor", "Of one unit.", minimum: 0, maximum: 1e13)
        schema.property("unit_cost_minor", "Variable cost of one unit.", minimum: 0, maximum: 1e13)
    }
}

package struct BreakEvenOutput: Codable, Sendable {
    package var contributionMinor: Int
    package var contributionRatio: Double?
    /// Absent: no number of units covers the cost.
    package var units: Int?
    package var revenueMinor: Int?

    enum CodingKeys: String, CodingKey {
        case units
        case contributionMinor = "contribution_minor"
        case contributionRatio = "contribution_ratio"
        case revenueMinor = "revenue_minor"
    }
}

enum SmallTasks {
    static func npv(_ input: NpvInput) throws(TaskFailure) -> NpvOutput {
        let value = Discounting.presentValue(
            of: input.amountsMinor.map { Double($0) }, rate: input.rate, firstPeriod: input.firstPeriod ?? 0)
        return NpvOutput(npvMinor: try Amount.rounded(value))
    }

    static func irr(_ input: IrrInput) throws(TaskFailure) -> RateResult {
        let flows = Discounting.evenlySpaced(input.amountsMinor.map { Double($0) })
        return RateResult(
            try .checked(flows, at: "/amounts_minor"), periodsPerYear: input.periodsPerYear ?? 1)
    }

    static func xirr(_ input: XirrInput) throws(TaskFailure) -> RateResult {
        var dates: [CivilDate] = []
        for (index, flow) in input.flows.enumerated() {
            guard let date = CivilDate(flow.date) else {
                throw .invalid("/flows/\(index)/date: \(flow.date) is not a day of the calendar")
            }
            dates.append(date)
        }
        let flows = Discounting.dated(input.flows.map { Double($0.amountMinor) }, on: dates)
        return RateResult(try .checked(flows, at: "/flows"), periodsPerYear: 1)
    }

    static func breakEven(_ input: BreakEvenInput) throws(TaskFailure) -> BreakEvenOutput {
        let point = BreakEven(
            fixedCost: input.fixedCostMinor, price: input.priceMinor, unitCost: input.unitCostMinor)
        var output = BreakEvenOutput(
            contributionMinor: point.contribution, contributionRatio: point.contributionRatio, units: point.units)
        if let units = point.units { output.revenueMinor = try Amount.product(units, input.priceMinor) }
        return output
    }
}
