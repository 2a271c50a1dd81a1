import PluginKit

/// What each task asks of its input; every refusal names the place.
enum Check {
    /// Squares of larger numbers, summed, leave the range of a double.
    static let largestMagnitude = 1e120
    static let maximumCells = 20_000_000
    static let maximumColumns = 2_000
    /// About a minute of one core's arithmetic.
    static let maximumWork = 2e10

    static func matrix(_ rows: [[Double]], at place: String) throws(TaskFailure) -> Matrix {
        guard let first = rows.first else { throw .invalid("\(place) is empty") }
        guard !first.isEmpty else { throw .invalid("\(place)/0 has no numbers") }
        guard first.count <= maximumColumns else {
            throw .tooLarge("\(place)/0 has \(first.count) columns; at most \(maximumColumns)")
        }
        guard rows.count <= maximumCells / first.count else {
            throw .tooLarge("\(place) has \(rows.count) rows of \(first.count); at most \(maximumCells) numbers in all")
        }
        var values: [Double] = []
        values.reserveCapacity(rows.count * first.count)
        for (index, row) in rows.enumerated() {
            guard row.count == first.count else {
                throw .invalid("\(place)/\(index) has \(row.count) numbers, the first row has \(first.count)")
            }
            for (column, value) in row.enumerated() where !isUsable(value) {
                throw unusable(value, at: "\(place)/\(index)/\(column)")
            }
            values += row
        }
        return Matrix(rowCount: rows.count, columnCount: first.count, values: values)
    }

    private static func isUsable(_ value: Double) -> Bool { value.magnitude <= largestMagnitude }

    private static func unusable(_ value: Double, at place: String) -> TaskFailure {
        .invalid(
            value.isFinite
                ? "\(place) is \(value); give it in a larger unit (at most \(largestMagnitude) in magnitude)"
                : "\(place) is not a finite number")
    }

    static func finite(_ values: [Double], at place: String) throws(TaskFailure) {
        for (index, value) in values.enumerated() where !isUsable(value) {
            throw unusable(value, at: "\(place)/\(index)")
        }
    }

    static func count(_ count: Int, _ expected: Int, at place: String) throws(TaskFailure) {
        guard count == expected else { throw .invalid("\(place) has \(count) values for \(expected) rows") }
    }

    static func names(_ names: [String]?, count: Int, at place: String) throws(TaskFailure) -> [String] {
        guard let names else { return (1...count).map { "x\($0)" } }
        guard names.count == count else {
            throw .invalid("\(place) has \(names.count) names for \(count) columns")
        }
        var seen: Set<String> = []
        for (index, name) in names.enumerated() where !seen.insert(name).inserted {
            throw .invalid("\(place)/\(index): \"\(name)\" is there twice")
        }
        return names
    }

    static func range<T: Comparable>(
        _ value: T, _ bounds: ClosedRange<T>, at place: String
    ) throws(TaskFailure) {
        guard bounds.contains(value) else {
            throw .invalid("\(place) is \(value); use \(bounds.lowerBound) to \(bounds.upperBound)")
        }
    }

    /// - Parameter operations: about how many multiplications the method needs.
    static func work(_ operations: Double, _ what: String) throws(TaskFailure) {
        guard operations <= maximumWork else {
            throw .tooLarge(
                "\(what) would need about \(Int64(min(operations, 9e18))) operations, over the bound of "
                    + "\(Int64(maximumWork)): give fewer rows, columns or rounds")
        }
    }
}
