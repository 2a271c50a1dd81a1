import PluginKit

/// Pairs bookings with entries: those that share a reference first, then equal amounts by the fewest days apart.
struct Matching {
    private(set) var matches: [CloseMatch] = []
    private(set) var openBookings: [BankTransaction] = []
    private(set) var openEntries: [LedgerEntry] = []

    private let bookings: [BankTransaction]
    private let entries: [LedgerEntry]
    private let days: (bookings: [Int], entries: [Int])
    private var freeBookings: [Bool]
    private var freeEntries: [Bool]

    init(_ bookings: [BankTransaction], _ entries: [LedgerEntry], tolerance: Int) throws(TaskFailure) {
        self.bookings = bookings
        self.entries = entries
        var bookingDays: [Int] = [], entryDays: [Int] = []
        for booking in bookings { bookingDays.append(try CivilDate.parse(booking.date, at: "/statement").dayNumber) }
        for entry in entries { entryDays.append(try CivilDate.parse(entry.date, at: "/ledger").dayNumber) }
        days = (bookingDays, entryDays)
        freeBookings = .init(repeating: true, count: bookings.count)
        freeEntries = .init(repeating: true, count: entries.count)
        byReference()
        byAmount(tolerance)
        openBookings = bookings.indices.filter { freeBookings[$0] }.map { bookings[$0] }
        openEntries = entries.indices.filter { freeEntries[$0] }.map { entries[$0] }
        matches.sort { $0.line < $1.line }
    }

    private mutating func pair(_ booking: Int, _ entry: Int, _ rule: String) {
        freeBookings[booking] = false
        freeEntries[entry] = false
        matches.append(
            CloseMatch(
                ledgerId: entries[entry].id, line: bookings[booking].line, amountMinor: bookings[booking].amountMinor,
                rule: rule, daysApart: abs(days.bookings[booking] - days.entries[entry])))
    }

    private mutating func byReference() {
        var places: [String: Int] = [:]
        for (index, booking) in bookings.enumerated() {
            if let reference = booking.reference { places[reference] = index }
        }
        for (index, entry) in entries.enumerated() {
            guard let reference = entry.reference, let booking = places[reference], freeBookings[booking],
                bookings[booking].amountMinor == entry.amountMinor
            else { continue }
            pair(booking, index, "reference")
        }
    }

    /// Within one amount both sides are walked by day, the earliest booking taking the earliest entry in reach. That
    /// pairs as many as can be paired, since all reach equally far.
    private mutating func byAmount(_ tolerance: Int) {
        var open: [Int: [Int]] = [:]
        for index in entries.indices where freeEntries[index] {
            open[entries[index].amountMinor, default: []].append(index)
        }
        for (amount, indices) in open { open[amount] = indices.sorted { days.entries[$0] < days.entries[$1] } }
        var next: [Int: Int] = [:]
        let order = bookings.indices.filter { freeBookings[$0] }.sorted { days.bookings[$0] < days.bookings[$1] }
        for booking in order {
            let amount = bookings[booking].amountMinor
            guard let candidates = open[amount] else { continue }
            var place = next[amount] ?? 0
            while place < candidates.count, days.entries[candidates[place]] < days.bookings[booking] - tolerance {
                place += 1
            }
            if place < candidates.count, days.entries[candidates[place]] <= days.bookings[booking] + tolerance {
                pair(booking, candidates[place], "amount and date")
                place += 1
            }
            next[amount] = place
        }
    }
}
