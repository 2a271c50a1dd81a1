/// Equality and order as JSON Schema defines them: numbers by value (1 is 1.0), strings and keys by their scalars.
enum SchemaComparison {
    static func isSame(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy(isSame)
        case (.object(let a), .object(let b)):
            a.count == b.count
                && a.allSatisfy { key, value in b.exactValue(forKey: key).map { isSame(value, $0) } ?? false }
        case (.integer, .integer), (.integer, .double), (.double, .integer), (.double, .double):
            order(left, right) == 0
        default: false
        }
    }

    /// Negative, zero or positive; exact also where a Double cannot hold the integer. Nil unless both are numbers.
    static func order(_ left: JSONValue, _ right: JSONValue) -> Int? {
        switch (left, right) {
        case (.integer(let a), .integer(let b)): a < b ? -1 : a > b ? 1 : 0
        case (.double(let a), .double(let b)): a < b ? -1 : a > b ? 1 : 0
        case (.integer(let a), .double(let b)): order(a, b)
        case (.double(let a), .integer(let b)): -order(b, a)
        default: nil
        }
    }

    private static func order(_ integer: Int64, _ double: Double) -> Int {
        let whole = double.rounded(.down)
        guard let floor = Int64(exactly: whole) else { return double > 0 ? -1 : 1 }
        if integer <= floor { return integer == floor && double == whole ? 0 : -1 }
        return 1
    }

    /// Whether a number has no fraction.
    static func isWhole(_ value: JSONValue) -> Bool {
        switch value {
        case .integer: true
        case .double(let number): number.rounded() == number
        default: false
        }
    }

    /// The same bytes for values that are the same: whole numbers that fit are written as integers.
    static func identity(_ value: JSONValue) -> [UInt8] { normalized(value).bytes }

    private static func normalized(_ value: JSONValue) -> JSONValue {
        switch value {
        case .double(let number): Int64(exactly: number).map(JSONValue.integer) ?? value
        case .array(let elements): .array(elements.map(normalized))
        case .object(let members): .object(members.mapValues(normalized))
        case .null, .bool, .integer, .string: value
        }
    }

    /// `divisor` is greater than zero. Exact for integers; else the quotient in binary floating point decides, as
    /// other validators do.
    static func isMultiple(_ value: JSONValue, of divisor: JSONValue) -> Bool {
        if case .integer(let number) = value, case .integer(let step) = divisor { return number % step == 0 }
        guard let number = value.doubleValue, let step = divisor.doubleValue else { return true }
        let quotient = number / step
        return quotient.isFinite
            ? quotient.rounded() == quotient : number.truncatingRemainder(dividingBy: step) == 0
    }
}
