package import Kernel

/// A rate as the generic cell rate algorithm (ITU-T I.371) has it: one request each interval, and `burst` at once.
/// All it remembers of a key is one time, the arrival at which everything that was let through is worked off. Over a
/// minute no key sees more than `perMinute + burst`, and under constant load one passes each interval.
package struct CellRate: Hashable, Sendable, CustomStringConvertible {
    package enum Verdict: Hashable, Sendable {
        /// `arrival` is what to remember; so many more would pass at once.
        case passed(arrival: Tick, remaining: Int64)
        case refused(retryAfterNanoseconds: Int64)
    }

    package static let largest: Int64 = 1_000_000_000
    private static let minute: Int64 = 60_000_000_000

    package let perMinute: Int64
    package let burst: Int64
    private let interval: Int64

    package init(perMinute: Int64, burst: Int64) {
        precondition((1...Self.largest).contains(perMinute) && (1...Self.largest).contains(burst))
        self.perMinute = perMinute
        self.burst = burst
        // Rounded up, so that the limit is never passed; a rate beyond one a nanosecond is none.
        interval = (Self.minute + perMinute - 1) / perMinute
    }

    /// `60/10`: sixty a minute, ten at once. Without a burst, a tenth of the rate.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let rate = Int64(parts[0]), (1...Self.largest).contains(rate) else { return nil }
        let burst = parts.count == 2 ? Int64(parts[1]) : max(1, rate / 10)
        guard let burst, (1...Self.largest).contains(burst) else { return nil }
        self.init(perMinute: rate, burst: burst)
    }

    package var description: String { "\(perMinute)/\(burst)" }

    /// - Parameter arrival: what the last verdict said; nil for a key that is not known.
    package func decide(_ arrival: Tick?, at now: Tick) -> Verdict {
        let next = max(arrival ?? now, now).advanced(byNanoseconds: interval)
        let ahead = next.nanoseconds(since: now), room = allowance
        guard ahead <= room else { return .refused(retryAfterNanoseconds: ahead - room) }
        return .passed(arrival: next, remaining: (room - ahead) / interval)
    }

    private var allowance: Int64 {
        let (product, overflow) = interval.multipliedReportingOverflow(by: burst)
        return overflow ? .max : product
    }

    /// Until as many as ever would pass at once.
    package func nanosecondsToRest(_ arrival: Tick, at now: Tick) -> Int64 { max(0, arrival.nanoseconds(since: now)) }
}
