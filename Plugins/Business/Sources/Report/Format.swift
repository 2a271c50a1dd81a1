/// Numbers as people read them: a comma between thousands, a point before decimals, rounded half away from zero.
enum Format {
    /// `EUR 1,234` in whole units; `EUR 49.00` with decimals.
    static func money(_ minor: Int, _ currency: String, decimals: Bool = false) -> String {
        let sign = minor < 0 ? "−" : ""
        if decimals {
            let cents = abs(minor) % 100
            return "\(sign)\(currency) \(grouped(abs(minor) / 100)).\(cents < 10 ? "0" : "")\(cents)"
        }
        let units = (abs(minor) + 50) / 100
        return (units == 0 ? "" : sign) + "\(currency) \(grouped(units))"
    }

    /// For axes: `1.2M`, `340k`, `12`.
    static func short(minor: Double) -> String {
        let value = minor / 100, size = abs(value)
        let sign = value < 0 ? "−" : ""
        if size >= 1_000_000 { return sign + trimmed(size / 1_000_000) + "M" }
        if size >= 1_000 { return sign + trimmed(size / 1_000) + "k" }
        return (size < 0.5 ? "" : sign) + trimmed(size.rounded())
    }

    static func percent(_ fraction: Double, decimals: Int = 0) -> String { number(fraction * 100, decimals) + " %" }

    static func number(_ value: Double, _ decimals: Int = 0) -> String {
        let scale = [1.0, 10, 100, 1_000, 10_000][min(4, max(0, decimals))]
        guard value.isFinite, abs(value) < 1e14 else { return "\(value)" }
        let scaled = Int((abs(value) * scale).rounded(.toNearestOrAwayFromZero))
        let sign = value < 0 && scaled != 0 ? "−" : ""
        guard decimals > 0 else { return sign + grouped(scaled) }
        let fraction = String(scaled % Int(scale))
        let zeros = String(repeating: "0", count: max(0, decimals - fraction.count))
        return sign + grouped(scaled / Int(scale)) + "." + zeros + fraction
    }

    private static func trimmed(_ value: Double) -> String {
        let text = number(value, 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func grouped(_ value: Int) -> String {
        var digits = String(value), groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return ([digits] + groups).joined(separator: ",")
    }

    /// `unit_cost` → `Unit cost`.
    static func title(_ identifier: String) -> String {
        let words = identifier.split { $0 == "_" || $0 == "-" }.joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}
