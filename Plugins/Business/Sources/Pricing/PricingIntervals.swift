import Glibc

/// How far elasticity and best price may be off: 95 % intervals from the scatter of the observations around the chosen
/// curve, with Student's t of n − 2 degrees of freedom.
struct PricingIntervals {
    let elasticity: Interval?
    let price: Interval?

    init(_ curve: DemandCurve, _ points: [(price: Double, units: Double)], unitCost: Double, at price: Double) {
        switch curve {
        case .constantElasticity(_, let exponent):
            guard let spread = curve.parameterSpread(points) else { (elasticity, self.price) = (nil, nil); return }
            let half = spread.quantile * spread.slopeVariance.squareRoot()
            elasticity = Interval(low: exponent - half, high: exponent + half)
            // cost · e / (1 + e) falls as e does; it has no end where demand may be inelastic.
            func best(_ e: Double) -> Double { unitCost * e / (1 + e) }
            self.price = exponent + half < -1 ? Interval(low: best(exponent - half), high: best(exponent + half)) : nil
        case .linear:
            guard let spread = curve.parameterSpread(points), let ratio = spread.fieller else {
                (elasticity, self.price) = (nil, nil)
                return
            }
            self.price = Interval(low: (unitCost - ratio.high) / 2, high: (unitCost - ratio.low) / 2)
            // slope · p / (intercept + slope · p) = p / (ratio + p), where the ratio lies below −p.
            elasticity =
                ratio.high < -price
                ? Interval(low: price / (ratio.high + price), high: price / (ratio.low + price)) : nil
        }
    }
}

/// Intercept and slope of the fitted line (in logarithms for constant elasticity), with their variances.
struct ParameterSpread {
    let intercept: Double
    let slope: Double
    let interceptVariance: Double
    let slopeVariance: Double
    let covariance: Double
    let quantile: Double

    /// Fieller's interval for intercept over slope ("Some problems in interval estimation", 1954); nil if the slope is
    /// not told from 0.
    var fieller: Interval? {
        let t = quantile * quantile
        let a = slope * slope - t * slopeVariance
        let b = intercept * slope - t * covariance
        let c = intercept * intercept - t * interceptVariance
        // Without scatter the root is 0, and rounding may put it below.
        let inside = max(0, b * b - a * c)
        guard a > 0, b * b - a * c >= -1e-9 * b * b else { return nil }
        return Interval(low: (b - inside.squareRoot()) / a, high: (b + inside.squareRoot()) / a)
    }
}

extension DemandCurve {
    func parameterSpread(_ points: [(price: Double, units: Double)]) -> ParameterSpread? {
        let line: (intercept: Double, slope: Double), mapped: [(x: Double, y: Double)]
        switch self {
        case .linear(let intercept, let slope):
            (line, mapped) = ((intercept, slope), points.map { (x: $0.price, y: $0.units) })
        case .constantElasticity(let intercept, let slope):
            (line, mapped) = ((intercept, slope), points.map { (x: log($0.price), y: log($0.units)) })
        }
        let count = Double(points.count)
        guard count > 2 else { return nil }
        let mean = mapped.reduce(0) { $0 + $1.x } / count
        let spread = mapped.reduce(0) { $0 + ($1.x - mean) * ($1.x - mean) }
        let residual = mapped.reduce(0) { sum, point in
            let error = point.y - line.intercept - line.slope * point.x
            return sum + error * error
        }
        let variance = residual / (count - 2)
        return ParameterSpread(
            intercept: line.intercept, slope: line.slope,
            interceptVariance: variance * (1 / count + mean * mean / spread), slopeVariance: variance / spread,
            covariance: -variance * mean / spread,
            quantile: Distributions.studentQuantile(0.975, degrees: count - 2))
    }
}
