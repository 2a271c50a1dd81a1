package import PluginKit

/// The price of the largest profit within the limits.
package enum Pricing {
    package static func recommend(_ input: PricingInput) throws(TaskFailure) -> PricingOutput {
        let points = input.observations.map { (price: Double($0.priceMinor), units: $0.units) }
        let linear = DemandCurve.fitLinear(points)
        let elastic = DemandCurve.fitConstantElasticity(points)
        let curve = try choose(input.model ?? .auto, linear, elastic, points)
        let limits = try Limits(input, curve)
        let step = input.priceStepMinor ?? 1
        let unconstrained = curve.bestPrice(unitCost: Double(input.unitCostMinor))
        // Profit rises to its top and then falls, so the best allowed price is the allowed one nearest to the top.
        let target = min(Double(limits.highest), max(Double(limits.lowest), unconstrained ?? .infinity))
        let below = Int((target / Double(step)).rounded(.down)) * step
        // Where capacity binds, the top is the price that just sells it, which lies up to one unit under `lowest`.
        // The multiple under that price sells no more, but may earn more than the one above.
        let candidates = [below - step, below, below + step].filter {
            max(1, limits.floor) <= $0 && $0 <= limits.highest
        }
        let profits = candidates.map { profit(input, curve, price: $0) }
        guard let best = profits.indices.max(by: { profits[$0] < profits[$1] }) else {
            throw .invalid("no multiple of \(step) lies between \(limits.floor) and \(limits.highest) minor units")
        }
        let price = candidates[best]
        let intervals = PricingIntervals(curve, points, unitCost: Double(input.unitCostMinor), at: Double(price))
        return PricingOutput(
            model: curve.model, linear: fit(linear, points), constantElasticity: fit(elastic, points),
            unconstrainedPriceMinor: try unconstrained.map { value throws(TaskFailure) in try Amount.rounded(value) },
            recommendedPriceMinor: price, expectedUnits: sold(input, curve, price: price),
            profitMinor: try Amount.rounded(profits[best]), elasticity: curve.elasticity(at: Double(price)),
            elasticityInterval: intervals.elasticity, unconstrainedPriceInterval: intervals.price,
            binding: limits.binding(on: unconstrained, price: price, step: step),
            curve: try chartPoints(input, curve, limits))
    }

    private static func choose(
        _ model: PricingInput.Model, _ linear: DemandCurve?, _ elastic: DemandCurve?,
        _ points: [(price: Double, units: Double)]
    ) throws(TaskFailure) -> DemandCurve {
        let wanted: [DemandCurve?] =
            switch model {
            case .auto: [linear, elastic]
            case .linear: [linear]
            case .constantElasticity: [elastic]
            }
        let usable = wanted.compactMap { $0 }
        guard let best = usable.min(by: { $0.squaredError(points) < $1.squaredError(points) }) else {
            throw .invalid("/observations: units do not fall with price (or are zero), so there is no demand curve")
        }
        return best
    }

    static func profit(_ input: PricingInput, _ curve: DemandCurve, price: Int) -> Double {
        (Double(price) - Double(input.unitCostMinor)) * sold(input, curve, price: price)
    }

    static func sold(_ input: PricingInput, _ curve: DemandCurve, price: Int) -> Double {
        min(input.capacityUnits ?? .infinity, curve.units(at: Double(price)))
    }

    private static func fit(_ curve: DemandCurve?, _ points: [(price: Double, units: Double)]) -> DemandFit? {
        guard let curve else { return nil }
        switch curve {
        case .linear(let intercept, let slope):
            return DemandFit(intercept: intercept, slope: slope, rSquared: curve.rSquared(points))
        case .constantElasticity(let logScale, let elasticity):
            return DemandFit(intercept: logScale, slope: elasticity, rSquared: curve.rSquared(points))
        }
    }

    /// 21 points from end to end, for a chart.
    private static func chartPoints(
        _ input: PricingInput, _ curve: DemandCurve, _ limits: Limits
    ) throws(TaskFailure) -> [PricePoint] {
        var points: [PricePoint] = []
        for index in 0...20 {
            let price = limits.floor + (limits.highest - limits.floor) * index / 20
            guard price != points.last?.priceMinor else { continue }
            points.append(
                PricePoint(
                    priceMinor: price, units: sold(input, curve, price: price),
                    profitMinor: try Amount.rounded(profit(input, curve, price: price))))
        }
        return points
    }
}

/// The interval that prices must lie in.
private struct Limits {
    /// What the caller, or the observations, allow.
    let floor: Int
    let highest: Int
    /// `floor`, or the price below which more would be asked for than can be made.
    let lowest: Int

    init(_ input: PricingInput, _ curve: DemandCurve) throws(TaskFailure) {
        let observed = input.observations.map(\.priceMinor)
        floor = input.minPriceMinor ?? observed.min() ?? 0
        highest = input.maxPriceMinor ?? observed.max() ?? 0
        guard floor <= highest else { throw .invalid("/min_price_minor: \(floor) is above the maximum \(highest)") }
        guard let capacity = input.capacityUnits, capacity > 0, curve.units(at: Double(max(1, floor))) > capacity else {
            lowest = max(1, floor)
            return
        }
        lowest = min(highest, try Amount.rounded(curve.price(forUnits: capacity).rounded(.up)))
    }

    func binding(on unconstrained: Double?, price: Int, step: Int) -> [String] {
        let target = unconstrained ?? .infinity
        var names: [String] = []
        if lowest > floor, target < Double(lowest) { names.append("capacity") }
        if lowest == max(1, floor), target < Double(lowest) { names.append("min_price") }
        if target > Double(highest) { names.append("max_price") }
        return names
    }
}

extension DemandCurve {
    var model: PricingInput.Model {
        switch self {
        case .linear: .linear
        case .constantElasticity: .constantElasticity
        }
    }
}
