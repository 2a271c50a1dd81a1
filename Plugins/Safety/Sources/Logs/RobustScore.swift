/// The modified z-score of Iglewicz & Hoaglin (1993): distance from the median in median absolute deviations. Where
/// more than half of the values are equal, that deviation is 0 and the mean absolute deviation stands in.
struct RobustScore: Sendable {
    let median: Double
    private let scale: Double

    /// Nil without values, and where all are equal: then nothing stands out.
    init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        let center = Self.median(values)
        let deviations = values.map { abs($0 - center) }
        let mad = Self.median(deviations)
        let mean = deviations.reduce(0, +) / Double(values.count)
        // 1 / 0.6745 and 1.253314 make both consistent with a normal distribution's standard deviation.
        let scale = mad > 0 ? mad / 0.6745 : 1.253314 * mean
        guard scale > 0 else { return nil }
        median = center
        self.scale = scale
    }

    func score(_ value: Double) -> Double { (value - median) / scale }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard let middle = sorted.indices.contains(sorted.count / 2) ? sorted[sorted.count / 2] : nil else { return 0 }
        return sorted.count.isMultiple(of: 2) ? (sorted[sorted.count / 2 - 1] + middle) / 2 : middle
    }
}
