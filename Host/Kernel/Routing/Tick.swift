/// A moment of a clock that never goes back, which the caller reads.
package struct Tick: Hashable, Sendable, Comparable {
    package let nanoseconds: Int64
    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    package init(milliseconds: Int64) {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        nanoseconds = overflow ? (milliseconds < 0 ? .min : .max) : product
    }

    package func advanced(byNanoseconds nanoseconds: Int64) -> Tick {
        let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return Tick(nanoseconds: overflow ? (nanoseconds < 0 ? .min : .max) : sum)
    }

    package func advanced(byMilliseconds milliseconds: Int64) -> Tick {
        advanced(byNanoseconds: Tick(milliseconds: milliseconds).nanoseconds)
    }

    /// From `other` to this one; negative when `other` is later.
    package func nanoseconds(since other: Tick) -> Int64 {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(other.nanoseconds)
        return overflow ? (nanoseconds < other.nanoseconds ? .min : .max) : difference
    }

    /// Rounded up, so that who waits that long is not early; 0 when `other` is later.
    package func milliseconds(since other: Tick) -> Int64 {
        let rest = max(0, nanoseconds(since: other))
        return rest / 1_000_000 + (rest % 1_000_000 == 0 ? 0 : 1)
    }

    package static func < (left: Tick, right: Tick) -> Bool { left.nanoseconds < right.nanoseconds }
}
