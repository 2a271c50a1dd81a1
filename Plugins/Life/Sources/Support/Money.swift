import PluginKit

/// Money is an integer number of the currency's minor unit (cents), bounded to what JSON readers keep exactly.
enum Money {
    /// ±(2^53 − 1).
    static let limit = 9_007_199_254_740_991

    static func sum(_ left: Int, _ right: Int, _ what: String) throws(TaskFailure) -> Int {
        let (value, overflow) = left.addingReportingOverflow(right)
        guard !overflow, value.magnitude <= UInt(limit) else { throw tooLarge(what) }
        return value
    }

    /// `numerator / denominator`, rounded half away from zero. The only rounding of a cost.
    static func rounded(_ numerator: Int128, over denominator: Int128, _ what: String) throws(TaskFailure) -> Int {
        let magnitude = (numerator.magnitude * 2 + denominator.magnitude) / (denominator.magnitude * 2)
        guard magnitude <= UInt128(limit) else { throw tooLarge(what) }
        return numerator < 0 ? -Int(magnitude) : Int(magnitude)
    }

    static func rounded(_ value: Double, _ what: String) throws(TaskFailure) -> Int {
        guard value.isFinite, abs(value) <= Double(limit) else { throw tooLarge(what) }
        return Int(value.rounded(.toNearestOrAwayFromZero))
    }

    private static func tooLarge(_ what: String) -> TaskFailure {
        .invalid("\(what) passes ±2^53 minor units; use smaller figures")
    }
}
