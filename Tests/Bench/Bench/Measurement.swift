import Kernel

/// One row of the table: a figure, what it is compared with in the same run, and the bar.
struct Measurement: Sendable {
    enum Bar: Sendable {
        case atMost(Double)
        case atLeast(Double)
        /// As a multiple of the reference.
        case atMostTimes(Double)
        case atLeastTimes(Double)
        case none
    }

    var name: String
    var value: Double
    var unit: String
    var reference: (name: String, value: Double)?
    var bar: Bar

    /// Value over reference.
    var ratio: Double? { reference.map { value / $0.value } }

    var meetsBar: Bool? {
        switch bar {
        case .atMost(let limit): value <= limit
        case .atLeast(let limit): value >= limit
        case .atMostTimes(let limit): ratio.map { $0 <= limit }
        case .atLeastTimes(let limit): ratio.map { $0 >= limit }
        case .none: nil
        }
    }

    var barText: String {
        switch bar {
        case .atMost(let limit): "≤ \(Self.short(limit)) \(unit)"
        case .atLeast(let limit): "≥ \(Self.short(limit)) \(unit)"
        case .atMostTimes(let limit): "≤ \(Self.short(limit)) ×"
        case .atLeastTimes(let limit): "≥ \(Self.short(limit)) ×"
        case .none: "–"
        }
    }

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(name), "value": .double(value), "unit": .string(unit), "bar": .string(barText),
            "meets_bar": meetsBar.map { .bool($0) } ?? .null,
        ]
        if let reference, let ratio {
            members["reference"] = .string(reference.name)
            members["reference_value"] = .double(reference.value)
            members["ratio"] = .double(ratio)
        }
        return .object(members)
    }

    var markdown: String {
        let compared = reference.map { "\($0.name): \(Self.short($0.value)) \(unit)" } ?? "–"
        let times = ratio.map { "\(Self.short($0)) ×" } ?? "–"
        let mark = meetsBar.map { $0 ? "yes" : "**no**" } ?? "–"
        return "| \(name) | \(Self.short(value)) \(unit) | \(compared) | \(times) | \(barText) | \(mark) |"
    }

    static let markdownHead = """
        | what | measured | compared with, in the same run | ratio | bar | met |
        | --- | --- | --- | --- | --- | --- |
        """

    /// Three significant digits.
    static func short(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return "0" }
        let magnitude = abs(value)
        if magnitude >= 100 { return String(Int(value.rounded())) }
        let decimals = magnitude >= 10 ? 10.0 : magnitude >= 1 ? 100.0 : 1000.0
        let rounded = (value * decimals).rounded() / decimals
        return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }
}

/// Medians and percentiles of samples.
struct Samples {
    private var values: [Double] = []

    mutating func add(_ value: Double) { values.append(value) }

    func percentile(_ fraction: Double) -> Double {
        guard !values.isEmpty else { return .nan }
        let sorted = values.sorted()
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * fraction))]
    }

    var median: Double { percentile(0.5) }
}
