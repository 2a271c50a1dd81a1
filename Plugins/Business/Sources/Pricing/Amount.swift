import PluginKit

/// Money is an integer number of the currency's minor unit. A figure that comes out of a demand curve or a discount
/// is a `Double` and is rounded once, here, half away from zero.
enum Amount {
    /// ±(2^53 − 1): exact in `Double` and in every JSON reader.
    static let limit = 9_007_199_254_740_991

    static func rounded(_ value: Double) throws(TaskFailure) -> Int {
        guard value.isFinite, abs(value) <= Double(limit) else {
            throw .invalid("an amount passes ±2^53 minor units; use smaller figures")
        }
        return Int(value.rounded(.toNearestOrAwayFromZero))
    }
}
