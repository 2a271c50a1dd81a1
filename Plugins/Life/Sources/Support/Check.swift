import PluginKit

/// Refuses what no method can answer, with the place that is wrong.
enum Check {
    /// Refuses NaN and infinities too.
    @discardableResult
    static func number(
        _ value: Double, _ pointer: String, in range: ClosedRange<Double>, _ unit: String = ""
    ) throws(TaskFailure) -> Double {
        guard range.contains(value) else {
            let suffix = unit.isEmpty ? "" : " \(unit)"
            throw .invalid(
                "\(pointer) is \(Text.number(value)); it must lie between \(Text.number(range.lowerBound)) and "
                    + "\(Text.number(range.upperBound))\(suffix)")
        }
        return value
    }

    @discardableResult
    static func integer(
        _ value: Int, _ pointer: String, in range: ClosedRange<Int>, _ unit: String = ""
    ) throws(TaskFailure) -> Int {
        guard range.contains(value) else {
            let suffix = unit.isEmpty ? "" : " \(unit)"
            throw .invalid(
                "\(pointer) is \(value); it must lie between \(range.lowerBound) and \(range.upperBound)\(suffix)")
        }
        return value
    }

    static func count(_ count: Int, _ pointer: String, in range: ClosedRange<Int>) throws(TaskFailure) {
        guard range.contains(count) else {
            throw .invalid(
                "\(pointer) has \(count) entries; it must have \(range.lowerBound) to \(range.upperBound)")
        }
    }

    /// Names are compared by their UTF-8 bytes.
    static func unique(_ names: [String], _ pointer: String) throws(TaskFailure) {
        var seen: [[UInt8]: Int] = [:]
        for (index, name) in names.enumerated() {
            guard !name.isEmpty else { throw .invalid("\(pointer)/\(index) has an empty name") }
            if let first = seen.updateValue(index, forKey: Array(name.utf8)) {
                throw .invalid("\(pointer)/\(index): \"\(name)\" is already the name of \(pointer)/\(first)")
            }
        }
    }

    @discardableResult
    static func date(_ text: String, _ pointer: String) throws(TaskFailure) -> CivilDate {
        guard let date = CivilDate(text) else {
            throw .invalid("\(pointer): \"\(text)\" is not a day of the calendar in the form YYYY-MM-DD")
        }
        return date
    }

    static func time(_ text: String, _ pointer: String) throws(TaskFailure) -> LocalTime {
        guard let time = LocalTime(text) else {
            throw .invalid("\(pointer): \"\(text)\" is not a local time in the form YYYY-MM-DDTHH:MM")
        }
        return time
    }

    /// Minutes since midnight of `HH:MM`; `24:00` is allowed, for the end of a day.
    static func clock(_ text: String, _ pointer: String) throws(TaskFailure) -> Int {
        guard let minute = LocalTime.minuteOfDay(text) else {
            throw .invalid("\(pointer): \"\(text)\" is not a time of day in the form HH:MM")
        }
        return minute
    }
}
