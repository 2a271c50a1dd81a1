/// Numbers as people read them, without Foundation.
enum Text {
    /// Up to three decimals, no trailing zeros.
    static func number(_ value: Double, decimals: Int = 3) -> String {
        guard value.isFinite else { return value.isNaN ? "not a number" : value < 0 ? "-infinity" : "infinity" }
        guard abs(value) < 1e15 else { return "\(value)" }
        let scale = (0..<decimals).reduce(1.0) { power, _ in power * 10 }
        let scaled = (abs(value) * scale).rounded(.toNearestOrAwayFromZero)
        let whole = (scaled / scale).rounded(.down)
        var fraction = String(Int(scaled - whole * scale))
        fraction = String(repeating: "0", count: max(0, decimals - fraction.count)) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return sign + String(Int(whole)) + (fraction.isEmpty || decimals == 0 ? "" : "." + fraction)
    }

    static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    static func clock(_ minuteOfDay: Int) -> String {
        twoDigits(minuteOfDay / 60) + ":" + twoDigits(minuteOfDay % 60)
    }
}
