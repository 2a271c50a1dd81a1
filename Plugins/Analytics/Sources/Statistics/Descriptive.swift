/// Sums that other methods need. The mean is taken in two passes, so that large offsets do not cost digits.
enum Descriptive {
    static func mean(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return .nan }
        let count = Double(values.count)
        let first = values.reduce(0) { $0 + $1 / count }
        return first + values.reduce(0) { $0 + ($1 - first) } / count
    }

    /// Divided by n − `correction`.
    static func variance(_ values: [Double], correction: Int = 1) -> Double {
        guard values.count > correction else { return .nan }
        let mean = mean(values)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - correction)
    }

    /// Linear between the two nearest order statistics (type 7 of Hyndman and Fan 1996).
    static func quantile(sorted values: [Double], _ fraction: Double) -> Double {
        let position = fraction * Double(values.count - 1), below = Int(position)
        guard below + 1 < values.count else { return values[values.count - 1] }
        return values[below] + (position - Double(below)) * (values[below + 1] - values[below])
    }

    static func median(_ values: [Double]) -> Double { quantile(sorted: values.sorted(), 0.5) }
}
