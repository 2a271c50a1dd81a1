package import PluginKit

/// The question: a cash-flow table, its scenarios and what to vary.
package struct BusinessCaseInput: Codable, Sendable, SchemaDescribing {
    package var title: String
    package var currency: String
    package var annualDiscountRate: Double
    package var periodsPerYear: Int
    /// Row 0 is today and is not discounted; row n is n periods later.
    package var periods: [Period]
    package var priceMinor: Int
    package var unitCostMinor: Int
    package var scenarios: [Scenario]?
    /// How far the tornado moves each driver, as a fraction of its value.
    package var sensitivityChange: Double?

    package init(
        title: String, currency: String, annualDiscountRate: Double, periodsPerYear: Int, periods: [Period],
        priceMinor: Int, unitCostMinor: Int, scenarios: [Scenario]? = nil, sensitivityChange: Double? = nil
    ) {
        self.title = title
        self.currency = currency
        self.annualDiscountRate = annualDiscountRate
        self.periodsPerYear = periodsPerYear
        self.periods = periods
        self.priceMinor = priceMinor
        self.unitCostMinor = unitCostMinor
        self.scenarios = scenarios
        self.sensitivityChange = sensitivityChange
    }

    enum CodingKeys: String, CodingKey {
        case title, currency, periods, scenarios
        case annualDiscountRate = "annual_discount_rate"
        case periodsPerYear = "periods_per_year"
        case priceMinor = "price_minor"
        case unitCostMinor = "unit_cost_minor"
        case sensitivityChange = "sensitivity_change"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.description("Amounts ending in _minor are whole minor units (cents).")
        schema.property("title", "What is judged.", minLength: 1, maxLength: 200)
        schema.property("currency", "ISO 4217 code.", pattern: "^[A-Z]{3}$")
        schema.property("annual_discount_rate", "0.12 is 12 % a year.", minimum: -0.9, maximum: 10)
        schema.property("periods_per_year", "12 months, 4 quarters or 1 year.", minimum: 1, maximum: 365)
        schema.property("periods", "The cash-flow table; row 0 is today.", minItems: 2, maxItems: 601)
        schema.property("price_minor", "Price of one unit.", minimum: 0, maximum: 1e13)
        schema.property("unit_cost_minor", "Variable cost of one unit.", minimum: 0, maximum: 1e13)
        schema.property("scenarios", "Changed worlds, each compared with the base.", maxItems: 20)
        schema.property("sensitivity_change", "0.2 varies each driver by ±20 %.", minimum: 0.001, maximum: 0.9)
    }
}

/// One row of the cash-flow table.
package struct Period: Codable, Sendable, SchemaDescribing {
    package var label: String
    /// `YYYY-MM-DD`. XIRR needs one on every row.
    package var date: String?
    package var units: Int
    package var fixedCostMinor: Int
    /// Money put in, as a positive number.
    package var investmentMinor: Int?
    /// Anything else, signed: a grant is positive, a tax negative.
    package var otherMinor: Int?

    package init(
        label: String, date: String? = nil, units: Int, fixedCostMinor: Int, investmentMinor: Int? = nil,
        otherMinor: Int? = nil
    ) {
        self.label = label
        self.date = date
        self.units = units
        self.fixedCostMinor = fixedCostMinor
        self.investmentMinor = investmentMinor
        self.otherMinor = otherMinor
    }

    enum CodingKeys: String, CodingKey {
        case label, date, units
        case fixedCostMinor = "fixed_cost_minor"
        case investmentMinor = "investment_minor"
        case otherMinor = "other_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("label", "Name of the row.", maxLength: 40)
        schema.property("date", "YYYY-MM-DD.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("units", "Units sold in the period.", minimum: 0, maximum: 1e12)
        schema.property("fixed_cost_minor", "Cost that does not depend on units.", minimum: 0, maximum: 1e15)
        schema.property("investment_minor", "Money put in.", minimum: 0, maximum: 1e15)
        schema.property("other_minor", "Any other flow, signed.", minimum: -1e15, maximum: 1e15)
    }
}

/// What differs from the base case; what is absent does not differ.
package struct Scenario: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var probability: Double?
    package var volumeFactor: Double?
    package var priceFactor: Double?
    package var unitCostFactor: Double?
    package var fixedCostFactor: Double?
    package var investmentFactor: Double?
    /// Units are sold this many periods later; those pushed past the last row are lost. Costs stay where they are.
    package var delayPeriods: Int?

    package init(
        name: String, probability: Double? = nil, volumeFactor: Double? = nil, priceFactor: Double? = nil,
        unitCostFactor: Double? = nil, fixedCostFactor: Double? = nil, investmentFactor: Double? = nil,
        delayPeriods: Int? = nil
    ) {
        self.name = name
        self.probability = probability
        self.volumeFactor = volumeFactor
        self.priceFactor = priceFactor
        self.unitCostFactor = unitCostFactor
        self.fixedCostFactor = fixedCostFactor
        self.investmentFactor = investmentFactor
        self.delayPeriods = delayPeriods
    }

    enum CodingKeys: String, CodingKey {
        case name, probability
        case volumeFactor = "volume_factor"
        case priceFactor = "price_factor"
        case unitCostFactor = "unit_cost_factor"
        case fixedCostFactor = "fixed_cost_factor"
        case investmentFactor = "investment_factor"
        case delayPeriods = "delay_periods"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Unique in the list.", minLength: 1, maxLength: 60)
        schema.property("probability", "Used if every scenario has one and they sum to 1.", minimum: 0, maximum: 1)
        for factor in ["volume", "price", "unit_cost", "fixed_cost", "investment"] {
            schema.property("\(factor)_factor", "1 is unchanged.", minimum: 0, maximum: 100)
        }
        schema.property("delay_periods", "Sales start later.", minimum: 0, maximum: 600)
    }
}
