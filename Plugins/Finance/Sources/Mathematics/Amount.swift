import PluginKit

/// Money is an integer number of the currency's minor unit (cents). Sums and products are exact and checked; only a
/// discounted value passes through `Double`, and it is rounded once, here, half away from zero.
enum Amount {
    /// ±(2^53 − 1): exact in `Double` and in every JSON reader.
    static let limit = 9_007_199_254_740_991

    static func rounded(_ value: Double) throws(TaskFailure) -> Int {
        guard value.isFinite, abs(value) <= Double(limit) else { throw tooLarge }
        return Int(value.rounded(.toNearestOrAwayFromZero))
    }

    static func sum(_ terms: Int...) throws(TaskFailure) -> Int {
        var total = 0
        for term in terms {
            let (next, overflow) = total.addingReportingOverflow(term)
            guard !overflow, next.magnitude <= UInt(limit) else { throw tooLarge }
            total = next
        }
        return total
    }

    static func product(_ count: Int, _ amount: Int) throws(TaskFailure) -> Int {
        let (value, overflow) = count.multipliedReportingOverflow(by: amount)
        guard !overflow, value.magnitude <= UInt(limit) else { throw tooLarge }
        return value
    }

    private static var tooLarge: TaskFailure {
        TaskFailure(.invalid, "an amount passes ±2^53 minor units; use a larger unit or smaller figures")
    }
}
