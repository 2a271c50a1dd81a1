import Glibc

/// Units as a function of price.
package enum DemandCurve: Equatable, Sendable {
    /// units = intercept + slope · price, slope below zero.
    case linear(intercept: Double, slope: Double)
    /// units = e^logScale · price^elasticity, elasticity below zero.
    case constantElasticity(logScale: Double, elasticity: Double)

    package func units(at price: Double) -> Double {
        switch self {
        case .linear(let intercept, let slope): max(0, intercept + slope * price)
        case .constantElasticity(let logScale, let elasticity): exp(logScale + elasticity * log(price))
        }
    }

    package func elasticity(at price: Double) -> Double {
        switch self {
        case .linear(_, let slope):
            let units = units(at: price)
            return units > 0 ? slope * price / units : -.infinity
        case .constantElasticity(_, let elasticity): return elasticity
        }
    }

    /// The price at which (price − cost) · units is largest: half-way between cost and the price of no demand for a
    /// line, cost · e / (1 + e) for elasticity e < −1. Nil where demand is inelastic: profit grows with price.
    package func bestPrice(unitCost: Double) -> Double? {
        switch self {
        case .linear(let intercept, let slope): (unitCost - intercept / slope) / 2
        case .constantElasticity(_, let elasticity):
            elasticity < -1 ? unitCost * elasticity / (1 + elasticity) : nil
        }
    }

    /// The price at which `units` are asked for.
    package func price(forUnits units: Double) -> Double {
        switch self {
        case .linear(let intercept, let slope): (units - intercept) / slope
        case .constantElasticity(let logScale, let elasticity): exp((log(units) - logScale) / elasticity)
        }
    }

    /// Ordinary least squares; nil if units do not fall with price.
    package static func fitLinear(_ points: [(price: Double, units: Double)]) -> DemandCurve? {
        guard let line = leastSquares(points.map { ($0.price, $0.units) }), line.slope < 0 else { return nil }
        return .linear(intercept: line.intercept, slope: line.slope)
    }

    /// Ordinary least squares on logarithms; nil if a volume is zero or units do not fall with price.
    package static func fitConstantElasticity(_ points: [(price: Double, units: Double)]) -> DemandCurve? {
        guard points.allSatisfy({ $0.price > 0 && $0.units > 0 }),
            let line = leastSquares(points.map { (log($0.price), log($0.units)) }), line.slope < 0
        else { return nil }
        return .constantElasticity(logScale: line.intercept, elasticity: line.slope)
    }

    /// R² in units, for either curve.
    package func rSquared(_ points: [(price: Double, units: Double)]) -> Double {
        let mean = points.reduce(0) { $0 + $1.units } / Double(points.count)
        let total = points.reduce(0) { $0 + ($1.units - mean) * ($1.units - mean) }
        return total == 0 ? 0 : 1 - squaredError(points) / total
    }

    func squaredError(_ points: [(price: Double, units: Double)]) -> Double {
        points.reduce(0) { sum, point in
            let error = point.units - units(at: point.price)
            return sum + error * error
        }
    }

    private static func leastSquares(_ points: [(x: Double, y: Double)]) -> (intercept: Double, slope: Double)? {
        let count = Double(points.count)
        let meanX = points.reduce(0) { $0 + $1.x } / count, meanY = points.reduce(0) { $0 + $1.y } / count
        let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
        guard spread > 0 else { return nil }
        let slope = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread
        return (meanY - slope * meanX, slope)
    }
}
