package import PluginKit

/// What was seen at which price, and what limits the answer.
package struct PricingInput: Codable, Sendable, SchemaDescribing {
    package enum Model: String, Codable, CaseIterable, Sendable {
        /// The one of the two that leaves less squared error in units.
        case auto
        case linear
        case constantElasticity = "constant_elasticity"
    }

    package var observations: [PriceObservation]
    package var unitCostMinor: Int
    package var model: Model?
    /// The lowest observed price if absent: no extrapolation unless asked for.
    package var minPriceMinor: Int?
    /// The highest observed price if absent.
    package var maxPriceMinor: Int?
    /// Prices are multiples of this; 1 if absent.
    package var priceStepMinor: Int?
    package var capacityUnits: Double?

    package init(
        observations: [PriceObservation], unitCostMinor: Int, model: Model? = nil, minPriceMinor: Int? = nil,
        maxPriceMinor: Int? = nil, priceStepMinor: Int? = nil, capacityUnits: Double? = nil
    ) {
        self.observations = observations
        self.unitCostMinor = unitCostMinor
        self.model = model
        self.minPriceMinor = minPriceMinor
        self.maxPriceMinor = maxPriceMinor
        self.priceStepMinor = priceStepMinor
        self.capacityUnits = capacityUnits
    }

    enum CodingKeys: String, CodingKey {
        case observations, model
        case unitCostMinor = "unit_cost_minor"
        case minPriceMinor = "min_price_minor"
        case maxPriceMinor = "max_price_minor"
        case priceStepMinor = "price_step_minor"
        case capacityUnits = "capacity_units"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("observations", "Volume seen at each price.", minItems: 3, maxItems: 1000)
        schema.property("unit_cost_minor", "Variable cost of one unit.", minimum: 0, maximum: 1e12)
        schema.property("min_price_minor", "Lowest price allowed.", minimum: 0, maximum: 1e12)
        schema.property("max_price_minor", "Highest price allowed.", minimum: 0, maximum: 1e12)
        schema.property("price_step_minor", "Prices are multiples of it.", minimum: 1, maximum: 1e9)
        schema.property("capacity_units", "More cannot be sold.", minimum: 0, maximum: 1e12)
    }
}

package struct PriceObservation: Codable, Sendable, SchemaDescribing {
    package var priceMinor: Int
    package var units: Double

    package init(
        priceMinor: Int, units: Double
    ) {
        self.priceMinor = priceMinor
        self.units = units
    }

    enum CodingKeys: String, CodingKey {
        case units
        case priceMinor = "price_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("price_minor", "Price shown.", minimum: 1, maximum: 1e12)
        schema.property("units", "Units sold, or customers won, in one period.", minimum: 0, maximum: 1e12)
    }
}

package struct PricingOutput: Codable, Sendable {
    package var model: PricingInput.Model
    package var linear: DemandFit?
    package var constantElasticity: DemandFit?
    /// Where profit is largest if no limit held; absent if profit grows without end.
    package var unconstrainedPriceMinor: Int?
    package var recommendedPriceMinor: Int
    package var expectedUnits: Double
    package var profitMinor: Int
    /// % change of units for 1 % change of price, at the recommended price.
    package var elasticity: Double
    /// 95 %, from the scatter around the curve; absent where the data do not bound it.
    package var elasticityInterval: Interval?
    /// 95 %, minor units, Fieller's for a line; absent where the data do not bound it.
    package var unconstrainedPriceInterval: Interval?
    /// The limits that hold the price: `min_price`, `max_price`, `capacity`.
    package var binding: [String]
    package var curve: [PricePoint]

    enum CodingKeys: String, CodingKey {
        case model, linear, elasticity, binding, curve
        case constantElasticity = "constant_elasticity"
        case unconstrainedPriceMinor = "unconstrained_price_minor"
        case recommendedPriceMinor = "recommended_price_minor"
        case expectedUnits = "expected_units"
        case profitMinor = "profit_minor"
        case elasticityInterval = "elasticity_interval"
        case unconstrainedPriceInterval = "unconstrained_price_interval_minor"
    }
}

/// linear: units = intercept + slope · price. constant_elasticity: units = exp(intercept) · price^slope.
package struct DemandFit: Codable, Sendable {
    package var intercept: Double
    package var slope: Double
    /// Share of the variance of units that the curve explains; below zero if it is worse than their mean.
    package var rSquared: Double

    enum CodingKeys: String, CodingKey {
        case intercept, slope
        case rSquared = "r_squared"
    }
}

package struct PricePoint: Codable, Sendable {
    package var priceMinor: Int
    package var units: Double
    package var profitMinor: Int

    enum CodingKeys: String, CodingKey {
        case units
        case priceMinor = "price_minor"
        case profitMinor = "profit_minor"
    }
}
