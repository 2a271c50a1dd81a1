/// At most so many units (requests, tokens) in **any** minute, whenever it starts: the generic cell rate algorithm
/// (ITU-T I.371), with units that are reserved first and corrected when it is known how many there were.
///
/// One interval `T` is worth one unit; `tat` is when all that was let through would be worked off. `units` pass when
/// `tat + units·T − now ≤ burst·T`, and then `tat = max(now, tat) + units·T`. With `T = minute / (limit − burst + 1)`
/// no window of a minute sees more than `limit`: at most `burst` at once and then one each `T`. A call of more units
/// than the burst waits until the limit was idle long enough, and is paid off afterwards.
package struct RateLimit: Sendable {
    /// A reservation that can still be corrected.
    package struct Ticket: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    package enum Decision: Hashable, Sendable {
        case passed(Ticket)
        /// Not before that; others may take the room first.
        case wait(nanoseconds: Int64)
    }

    private struct Entry {
        let number: UInt64
        let at: Tick
        var units: Int64
        var isFinal: Bool
    }

    /// Reservations older than these can no longer be corrected: they count in full, which is the safe side.
    package static let maximumOpen = 1024
    package static let largestLimit: Int64 = 1_000_000_000
    private static let minute: Int64 = 60_000_000_000

    package static func largestBurst(of limit: Int64) -> Int64 { (limit + 1) / 2 }

    package let limit: Int64
    package let burst: Int64
    private let interval: Int64
    /// When all that came before ``entries`` is worked off.
    private var base = Tick(nanoseconds: .min)
    private var entries: [Entry] = []
    private var tat = Tick(nanoseconds: .min)
    private var lastNumber: UInt64 = 0

    /// - Parameter burst: how many at once; at least 1 and at most half of the limit, or nothing would be left for the
    ///   rest of the minute.
    package init(perMinute limit: Int64, burst: Int64) {
        precondition((1...Self.largestLimit).contains(limit) && (1...Self.largestBurst(of: limit)).contains(burst))
        let rate = limit - burst + 1
        self.init(limit: limit, burst: burst, interval: (Self.minute + rate - 1) / rate)
    }

    /// One unit each `interval`, in nanoseconds, and `burst` at once.
    package init(interval: Int64, burst: Int64, limit: Int64 = largestLimit) {
        self.init(limit: limit, burst: burst, interval: interval)
    }

    private init(limit: Int64, burst: Int64, interval: Int64) {
        self.limit = limit
        self.burst = burst
        self.interval = interval
    }

    /// - Parameter units: more than the limit counts as the limit, since such a call could never pass otherwise.
    package mutating func reserve(_ units: Int64, at now: Tick) -> Decision {
        let units = min(max(units, 0), limit)
        let early = tat.advanced(byNanoseconds: span(of: units - burst)).nanoseconds(since: now)
        guard early <= 0 else { return .wait(nanoseconds: early) }
        lastNumber += 1
        entries.append(Entry(number: lastNumber, at: now, units: units, isFinal: false))
        tat = after(entries[entries.count - 1], tat)
        if entries.count > Self.maximumOpen { foldFirst() }
        return .passed(Ticket(number: lastNumber))
    }

    /// What a reservation came to; 0 for a call that was not sent. More than was reserved counts too.
    package mutating func settle(_ ticket: Ticket, units: Int64) {
        guard let index = entries.firstIndex(where: { $0.number == ticket.number }), !entries[index].isFinal else {
            return
        }
        entries[index].units = max(units, 0)
        entries[index].isFinal = true
        while entries.first?.isFinal == true { foldFirst() }
        tat = entries.reduce(base) { after($1, $0) }
    }

    /// Units that would pass now.
    package func available(at now: Tick) -> Int64 {
        let ahead = max(0, tat.nanoseconds(since: now))
        return max(0, burst - ahead / interval - (ahead % interval == 0 ? 0 : 1))
    }

    private mutating func foldFirst() { base = after(entries.removeFirst(), base) }

    private func after(_ entry: Entry, _ tat: Tick) -> Tick {
        entry.units == 0 ? tat : max(tat, entry.at).advanced(byNanoseconds: span(of: entry.units))
    }

    private func span(of units: Int64) -> Int64 {
        let (product, overflow) = units.multipliedReportingOverflow(by: interval)
        return overflow ? (units < 0 ? .min : .max) : product
    }
}
