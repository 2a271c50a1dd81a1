/// The places of a cron expression, and what may stand in each.
package enum CronField: String, Hashable, Sendable, CaseIterable {
    case second, minute, hour
    case dayOfMonth = "day of the month"
    case month
    case dayOfWeek = "day of the week"

    /// Sunday is 0 and, as the end of a range or alone, 7.
    var range: ClosedRange<Int> {
        switch self {
        case .second, .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        }
    }

    /// Every value there is.
    var all: CronMask { CronMask(self == .dayOfWeek ? 0...6 : range, step: 1) }

    var names: [String] {
        switch self {
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .dayOfWeek: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        default: []
        }
    }

    /// How the values are spelled in an error.
    var shownRange: String {
        let numbers = "\(range.lowerBound) to \(range.upperBound)"
        guard let first = names.first, let last = names.last else { return numbers }
        return "\(numbers) or \(first) to \(last)"
    }
}

/// A set of numbers from 0 to 63.
struct CronMask: Hashable, Sendable {
    var bits: UInt64 = 0

    init() {}

    init(_ range: ClosedRange<Int>, step: Int) {
        for value in stride(from: range.lowerBound, through: range.upperBound, by: step) { insert(value) }
    }

    var isEmpty: Bool { bits == 0 }
    var count: Int { bits.nonzeroBitCount }
    var values: [Int] { (0..<64).filter(contains) }

    mutating func insert(_ value: Int) { bits |= 1 << UInt64(value) }
    mutating func formUnion(_ other: CronMask) { bits |= other.bits }
    func contains(_ value: Int) -> Bool { (0..<64).contains(value) && bits >> UInt64(value) & 1 == 1 }

    /// The smallest value from `lower` on.
    func first(from lower: Int) -> Int? {
        let rest = lower < 64 ? bits & (UInt64.max << UInt64(max(lower, 0))) : 0
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    /// The largest value up to `upper`.
    func last(through upper: Int) -> Int? {
        guard upper >= 0 else { return nil }
        let rest = upper < 63 ? bits & ((1 << UInt64(upper + 1)) - 1) : bits
        return rest == 0 ? nil : 63 - rest.leadingZeroBitCount
    }
}

/// A cron expression that is none, or that never comes true.
package struct CronError: Error, Hashable, Sendable, CustomStringConvertible {
    package var expression: String
    /// Nil when the expression as a whole is wrong.
    package var field: CronField?
    /// Of the first wrong character, from 1.
    package var position: Int
    /// What is wrong, and what to do.
    package var message: String

    package var description: String {
        let place = field.map { "character \(position), \($0.rawValue)" } ?? "character \(position)"
        return "cron expression \"\(expression)\", \(place): \(message)"
    }
}
