package import PluginKit

/// An idea and everything that is known about it.
package struct LaunchInput: Codable, Sendable, SchemaDescribing {
    package var idea: Idea
    /// What research looks for in the documents.
    package var question: String
    package var documents: [SourceDocument]
    package var maxGaps: Int?
    package var currency: String
    /// First day of month 0, `YYYY-MM-DD`.
    package var startDate: String
    /// Months in the cash-flow table after month 0.
    package var horizonMonths: Int
    package var annualDiscountRate: Double
    package var pricing: LaunchPricing
    package var funnel: LaunchFunnel
    package var costs: LaunchCosts
    package var scenarios: [LaunchScenario]
    package var plan: DeliveryPlan
    package var council: LaunchCouncil
    /// Paragraphs by a model between the figures; on if absent.
    package var prose: Bool?

    enum CodingKeys: String, CodingKey {
        case idea, question, documents, currency, pricing, funnel, costs, scenarios, plan, council, prose
        case maxGaps = "max_gaps"
        case startDate = "start_date"
        case horizonMonths = "horizon_months"
        case annualDiscountRate = "annual_discount_rate"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.description("Amounts ending in _minor are whole minor units (cents).")
        schema.property("question", "What research looks for.", minLength: 1, maxLength: 1000)
        schema.property("documents", "The corpus.", minItems: 1, maxItems: 500)
        schema.property("max_gaps", "5 if absent.", minimum: 1, maximum: 20)
        schema.property("currency", "ISO 4217 code.", pattern: "^[A-Z]{3}$")
        schema.property("start_date", "YYYY-MM-DD.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("horizon_months", "Months after month 0.", minimum: 1, maximum: 240)
        schema.property("annual_discount_rate", "0.12 is 12 %.", minimum: -0.9, maximum: 10)
        schema.property("scenarios", "What may come differently.", maxItems: 20)
    }
}

package struct Idea: Codable, Sendable, SchemaDescribing {
    package var title: String
    package var description: String
    package var targetCustomers: String

    enum CodingKeys: String, CodingKey {
        case title, description
        case targetCustomers = "target_customers"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("title", "A few words.", minLength: 1, maxLength: 120)
        schema.property("description", "What is offered.", minLength: 1, maxLength: 4000)
        schema.property("target_customers", "To whom.", minLength: 1, maxLength: 1000)
    }
}

package struct SourceDocument: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var title: String
    package var date: String
    package var text: String

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Unique.", minLength: 1, maxLength: 100)
        schema.property("title", "For the list of sources.", maxLength: 300)
        schema.property("date", "YYYY-MM-DD.", maxLength: 40)
        schema.property("text", "The whole text.", minLength: 1, maxLength: 200_000)
    }
}

package struct LaunchPricing: Codable, Sendable, SchemaDescribing {
    package var observations: [PriceObservation]
    package var unitCostMinor: Int
    package var model: PricingInput.Model?
    package var minPriceMinor: Int?
    package var maxPriceMinor: Int?
    package var priceStepMinor: Int?
    /// The price at which the funnel's conversions were measured.
    package var referencePriceMinor: Int

    enum CodingKeys: String, CodingKey {
        case observations, model
        case unitCostMinor = "unit_cost_minor"
        case minPriceMinor = "min_price_minor"
        case maxPriceMinor = "max_price_minor"
        case priceStepMinor = "price_step_minor"
        case referencePriceMinor = "reference_price_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("observations", "Customers won at each price.", minItems: 3, maxItems: 1000)
        schema.property("unit_cost_minor", "A customer and month.", minimum: 0, maximum: 1e12)
        schema.property("reference_price_minor", "Price behind the conversions.", minimum: 1, maximum: 1e12)
    }
}

package struct LaunchFunnel: Codable, Sendable, SchemaDescribing {
    package var visitorsPerMonth: Double
    package var visitorGrowth: Double?
    package var stages: [FunnelStage]
    package var monthlyChurn: Double
    package var costPerVisitorMinor: Int

    enum CodingKeys: String, CodingKey {
        case stages
        case visitorsPerMonth = "visitors_per_month"
        case visitorGrowth = "visitor_growth"
        case monthlyChurn = "monthly_churn"
        case costPerVisitorMinor = "cost_per_visitor_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("visitors_per_month", "In the first month of sales.", minimum: 0, maximum: 1e9)
        schema.property("visitor_growth", "Each month.", minimum: -0.9, maximum: 1)
        schema.property("stages", "In order; each keeps a share.", minItems: 1, maxItems: 20)
        schema.property("monthly_churn", "Share lost in a month.", minimum: 0, maximum: 1)
        schema.property("cost_per_visitor_minor", "Acquisition spend.", minimum: 0, maximum: 1e12)
    }
}

package struct LaunchCosts: Codable, Sendable, SchemaDescribing {
    package var initialInvestmentMinor: Int
    /// Months of building before the first sale.
    package var buildMonths: Int
    package var team: [TeamMember]
    package var overheadPerMonthMinor: Int

    enum CodingKeys: String, CodingKey {
        case team
        case initialInvestmentMinor = "initial_investment_minor"
        case buildMonths = "build_months"
        case overheadPerMonthMinor = "overhead_per_month_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("initial_investment_minor", "In month 0.", minimum: 0, maximum: 1e14)
        schema.property("build_months", "No sales in these.", minimum: 0, maximum: 239)
        schema.property("overhead_per_month_minor", "Rent, tools, insurance.", minimum: 0, maximum: 1e12)
        schema.property("team", "Paid every month.", maxItems: 100)
    }
}

package struct TeamMember: Codable, Sendable, SchemaDescribing {
    package var role: String
    package var count: Double
    package var monthlyCostMinor: Int

    enum CodingKeys: String, CodingKey {
        case role, count
        case monthlyCostMinor = "monthly_cost_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("role", "What they do.", minLength: 1, maxLength: 80)
        schema.property("count", "0.5 is half a person.", minimum: 0, maximum: 10_000)
        schema.property("monthly_cost_minor", "For one.", minimum: 0, maximum: 1e10)
    }
}

/// As `finance/business-case` reads it.
package struct LaunchScenario: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var probability: Double?
    package var volumeFactor: Double?
    package var priceFactor: Double?
    package var unitCostFactor: Double?
    package var fixedCostFactor: Double?
    package var investmentFactor: Double?
    package var delayPeriods: Int?

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
        schema.property("probability", "All or none; they sum to 1.", minimum: 0, maximum: 1)
        for factor in ["volume", "price", "unit_cost", "fixed_cost", "investment"] {
            schema.property("\(factor)_factor", "1 is unchanged.", minimum: 0, maximum: 100)
        }
        schema.property("delay_periods", "Sales start later.", minimum: 0, maximum: 240)
    }
}

/// As `engineering/critical-path` reads it.
package struct DeliveryPlan: Codable, Sendable, SchemaDescribing {
    package var activities: [Activity]
    package var targetDays: Double

    enum CodingKeys: String, CodingKey {
        case activities
        case targetDays = "target_days"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("activities", "What has to be built, with three estimates.", minItems: 1, maxItems: 500)
        schema.property("target_days", "Working days to the first sale.", minimum: 0, maximum: 10_000)
    }
}

package struct Activity: Codable, Sendable {
    package var id: String
    package var name: String
    package var optimisticDays: Double
    package var likelyDays: Double
    package var pessimisticDays: Double
    package var after: [String]

    enum CodingKeys: String, CodingKey {
        case id, name, after
        case optimisticDays = "optimistic_days"
        case likelyDays = "likely_days"
        case pessimisticDays = "pessimistic_days"
    }
}
