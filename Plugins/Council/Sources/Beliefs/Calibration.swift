/// How good somebody's probabilities were, once it is known what happened.
///
/// Sources: G. W. Brier, "Verification of forecasts expressed in terms of probability", *Monthly Weather Review* 78,
/// 1950;
/// A. H. Murphy, "A new vector partition of the probability score", *Journal of Applied Meteorology* 12, 1973.
package struct Calibration: Equatable, Sendable {
    package struct Bin: Equatable, Sendable {
        package var count: Int
        package var meanForecast: Double
        package var frequency: Double
    }

    /// The mean squared distance from what happened: 0 is perfect, 0.25 what always saying one half gets.
    package let brier: Double
    /// Murphy's parts: brier = reliability − resolution + uncertainty, exactly where forecasts within a bin are equal.
    package let reliability: Double
    package let resolution: Double
    package let uncertainty: Double
    /// Ten of even width, the empty ones left out.
    package let bins: [Bin]

    /// - Parameter forecasts: probabilities with what happened; at least one.
    package init(_ forecasts: [(probability: Double, happened: Bool)]) {
        let count = Double(forecasts.count)
        brier = forecasts.reduce(0) { $0 + square($1.probability - ($1.happened ? 1 : 0)) } / count
        let rate = Double(forecasts.count { $0.happened }) / count
        let groups = Dictionary(grouping: forecasts) { min(9, Int($0.probability * 10)) }
        bins = groups.sorted { $0.key < $1.key }.map { _, group in
            Bin(
                count: group.count, meanForecast: group.reduce(0) { $0 + $1.probability } / Double(group.count),
                frequency: Double(group.count { $0.happened }) / Double(group.count))
        }
        reliability = bins.reduce(0) { $0 + Double($1.count) * square($1.meanForecast - $1.frequency) } / count
        resolution = bins.reduce(0) { $0 + Double($1.count) * square($1.frequency - rate) } / count
        uncertainty = rate * (1 - rate)
    }
}

private func square(_ value: Double) -> Double { value * value }
