package import PluginKit

/// How visitors become customers, and how long they stay.
package struct FunnelInput: Codable, Sendable, SchemaDescribing {
    package var months: Int
    package var visitorsPerMonth: Double
    /// 0.03 is 3 % more each month; 0 if absent.
    package var visitorGrowth: Double?
    package var stages: [FunnelStage]
    /// The share of customers that leave in a month.
    package var monthlyChurn: Double
    package var priceMinor: Int
    package var unitCostMinor: Int
    package var costPerVisitorMinor: Int
    package var initialCustomers: Double?
    /// Multiplies the last conversion, for a price other than the one at which the stages were measured; 1 if absent.
    package var demandFactor: Double?

    package init(
        months: Int, visitorsPerMonth: Double, visitorGrowth: Double? = nil, stages: [FunnelStage],
        monthlyChurn: Double, priceMinor: Int, unitCostMinor: Int, costPerVisitorMinor: Int,
        initialCustomers: Double? = nil, demandFactor: Double? = nil
    ) {
        self.months = months
        self.visitorsPerMonth = visitorsPerMonth
        self.visitorGrowth = visitorGrowth
        self.stages = stages
        self.monthlyChurn = monthlyChurn
        self.priceMinor = priceMinor
        self.unitCostMinor = unitCostMinor
        self.costPerVisitorMinor = costPerVisitorMinor
        self.initialCustomers = initialCustomers
        self.demandFactor = demandFactor
    }

    enum CodingKeys: String, CodingKey {
        case months, stages
        case visitorsPerMonth = "visitors_per_month"
        case visitorGrowth = "visitor_growth"
        case monthlyChurn = "monthly_churn"
        case priceMinor = "price_minor"
        case unitCostMinor = "unit_cost_minor"
        case costPerVisitorMinor = "cost_per_visitor_minor"
        case initialCustomers = "initial_customers"
        case demandFactor = "demand_factor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("months", "Months of sales.", minimum: 1, maximum: 600)
        schema.property("visitors_per_month", "In the first month.", minimum: 0, maximum: 1e9)
        schema.property("visitor_growth", "Each month.", minimum: -0.9, maximum: 1)
        schema.property("stages", "In order; each keeps a share.", minItems: 1, maxItems: 20)
        schema.property("monthly_churn", "Share of customers lost in a month.", minimum: 0, maximum: 1)
        schema.property("price_minor", "A month.", minimum: 0, maximum: 1e12)
        schema.property("unit_cost_minor", "A customer and month.", minimum: 0, maximum: 1e12)
        schema.property("cost_per_visitor_minor", "Acquisition spend for a visitor.", minimum: 0, maximum: 1e12)
        schema.property("initial_customers", "At the start.", minimum: 0, maximum: 1e9)
        schema.property("demand_factor", "On the last conversion.", minimum: 0, maximum: 100)
    }
}

package struct FunnelStage: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var rate: Double

    package init(
        name: String, rate: Double
    ) {
        self.name = name
        self.rate = rate
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "What is reached.", minLength: 1, maxLength: 60)
        schema.property("rate", "The share that goes on to here.", minimum: 0, maximum: 1)
    }
}

package struct FunnelOutput: Codable, Sendable {
    /// From visitor to customer.
    package var conversion: Double
    package var stages: [StageReach]
    package var months: [FunnelMonth]
    /// Spend over new customers, all months together; absent if there are none.
    package var acquisitionCostMinor: Int?
    /// Contribution of a month over churn; absent without churn.
    package var lifetimeValueMinor: Int?
    package var valueToCost: Double?
    /// Months of contribution that pay for winning a customer.
    package var paybackMonths: Double?

    enum CodingKeys: String, CodingKey {
        case conversion, stages, months
        case acquisitionCostMinor = "acquisition_cost_minor"
        case lifetimeValueMinor = "lifetime_value_minor"
        case valueToCost = "value_to_cost"
        case paybackMonths = "payback_months"
    }
}

package struct StageReach: Codable, Sendable {
    package var name: String
    package var rate: Double
    /// Of the first month's visitors.
    package var reached: Double
}

/// Expected values; `customers` is rounded where it becomes a number of units.
package struct FunnelMonth: Codable, Sendable {
    package var month: Int
    package var visitors: Double
    package var newCustomers: Double
    package var customers: Double
    package var spendMinor: Int

    enum CodingKeys: String, CodingKey {
        case month, visitors, customers
        case newCustomers = "new_customers"
        case spendMinor = "spend_minor"
    }
}
