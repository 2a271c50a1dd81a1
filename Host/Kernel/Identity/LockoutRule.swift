/// When somebody, or an address, may not try again for a while: so many failures within a window lock for a time. A
/// success forgets the failures. The same rule holds for names that nobody has, so that it tells nothing.
package struct LockoutRule: Hashable, Sendable {
    package var failures: Int
    package var windowMilliseconds: Int64
    package var lockMilliseconds: Int64

    package init(failures: Int, windowMilliseconds: Int64, lockMilliseconds: Int64) {
        self.failures = max(1, failures)
        self.windowMilliseconds = max(1, windowMilliseconds)
        self.lockMilliseconds = max(1, lockMilliseconds)
    }

    /// Of an account from one network: 5 within 15 minutes lock for 15.
    package static let account = LockoutRule(
        failures: 5, windowMilliseconds: 900_000, lockMilliseconds: 900_000)
    /// Of an account from everywhere: so many that no single stranger keeps its owner out.
    package static let accountAnywhere = LockoutRule(
        failures: 100, windowMilliseconds: 900_000, lockMilliseconds: 900_000)
    /// Of an address, behind which many may sit: 50 within 15 minutes lock for 15.
    package static let address = LockoutRule(
        failures: 50, windowMilliseconds: 900_000, lockMilliseconds: 900_000)

    /// What is known of one name or address.
    package struct Count: Hashable, Sendable {
        package var failures: Int
        package var since: Instant
        package var lockedUntil: Instant?

        package init(failures: Int, since: Instant, lockedUntil: Instant? = nil) {
            self.failures = failures
            self.since = since
            self.lockedUntil = lockedUntil
        }
    }

    /// Until when nothing is tried; nil: it may be.
    package func lockedUntil(_ count: Count?, at now: Instant) -> Instant? {
        guard let until = count?.lockedUntil, now < until else { return nil }
        return until
    }

    /// After one more failure. One that comes while it is locked does not make the lock longer: it was not tried.
    package func after(failureAt now: Instant, _ count: Count?) -> Count {
        if let count, lockedUntil(count, at: now) != nil { return count }
        var next = Count(failures: 0, since: now)
        // A clock that stepped back keeps the window open; a lock that is over starts anew.
        if let count, count.lockedUntil == nil, now < count.since.advanced(byMilliseconds: windowMilliseconds) {
            next = count
        }
        next.failures += 1
        if next.failures >= failures { next.lockedUntil = now.advanced(byMilliseconds: lockMilliseconds) }
        return next
    }
}
