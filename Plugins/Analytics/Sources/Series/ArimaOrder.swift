import PluginKit

/// ARIMA(p, d, q)(P, D, Q) with a season of `period` values (Box and Jenkins 1970).
struct ArimaOrder: Codable, Sendable, SchemaDescribing {
    var p: Int
    var d: Int
    var q: Int
    var seasonalP: Int?
    var seasonalD: Int?
    var seasonalQ: Int?
    /// A mean where nothing is differenced, a drift where one difference is taken.
    var constant: Bool?

    init(_ p: Int, _ d: Int, _ q: Int, _ seasonal: (Int, Int, Int) = (0, 0, 0), constant: Bool) {
        (self.p, self.d, self.q, self.constant) = (p, d, q, constant)
        (seasonalP, seasonalD, seasonalQ) = seasonal
    }

    enum CodingKeys: String, CodingKey {
        case p, d, q, constant
        case seasonalP = "seasonal_p"
        case seasonalD = "seasonal_d"
        case seasonalQ = "seasonal_q"
    }

    static func describe(_ schema: inout SchemaEditor) {
        for name in ["p", "q"] { schema.property(name, "Order.", minimum: 0, maximum: 8) }
        schema.property("d", "Differences.", minimum: 0, maximum: 2)
        for name in ["seasonal_p", "seasonal_q"] {
            schema.property(name, "Seasonal order. Default 0.", minimum: 0, maximum: 2)
        }
        schema.property("seasonal_d", "Seasonal differences. Default 0.", minimum: 0, maximum: 1)
        schema.property("constant", "A mean, or a drift with one difference. Default: only without differences.")
    }

    func check(period: Int) throws(TaskFailure) {
        try Check.range(p, 0...8, at: "/order/p")
        try Check.range(d, 0...2, at: "/order/d")
        try Check.range(q, 0...8, at: "/order/q")
        try Check.range(seasonalP ?? 0, 0...2, at: "/order/seasonal_p")
        try Check.range(seasonalD ?? 0, 0...1, at: "/order/seasonal_d")
        try Check.range(seasonalQ ?? 0, 0...2, at: "/order/seasonal_q")
        guard period > 1 || (seasonalP ?? 0) + (seasonalD ?? 0) + (seasonalQ ?? 0) == 0 else {
            throw .invalid("/order has a seasonal part; give /period, 2 or more")
        }
        guard constant != true || d + (seasonalD ?? 0) <= 1 else {
            throw .invalid("/order/constant: with two differences a constant would be a parabola")
        }
    }

    var hasConstant: Bool { constant ?? (d + (seasonalD ?? 0) == 0) }

    var text: String {
        let seasonal = [seasonalP ?? 0, seasonalD ?? 0, seasonalQ ?? 0]
        let base = "ARIMA(\(p),\(d),\(q))"
        return seasonal == [0, 0, 0] ? base : base + "(\(seasonal[0]),\(seasonal[1]),\(seasonal[2]))"
    }
}
