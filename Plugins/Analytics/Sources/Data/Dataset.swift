import PluginKit

/// Observations: one row each, one number for each feature; what is to be learnt is a number (`target`) or a class
/// (`labels`).
struct Dataset: Codable, Sendable, SchemaDescribing {
    var features: [String]?
    var rows: [[Double]]
    var target: [Double]?
    var labels: [String]?

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("features", "Names of the columns; x1, x2, … if absent.", minLength: 1, maxLength: 200)
        schema.property("rows", "One observation each, all of the same length.", minItems: 1)
        schema.property("target", "One number for each row.")
        schema.property("labels", "One class for each row.", maxLength: 200)
    }
}

/// Data that has been looked at: rectangular, finite, within bounds.
struct CheckedData: Sendable {
    var matrix: Matrix
    var features: [String]
    var target: [Double]?
    var labels: [String]?

    init(_ data: Dataset, at place: String = "/data") throws(TaskFailure) {
        matrix = try Check.matrix(data.rows, at: place + "/rows")
        features = try Check.names(data.features, count: matrix.columnCount, at: place + "/features")
        if let target = data.target {
            try Check.count(target.count, matrix.rowCount, at: place + "/target")
            try Check.finite(target, at: place + "/target")
        }
        if let labels = data.labels { try Check.count(labels.count, matrix.rowCount, at: place + "/labels") }
        target = data.target
        labels = data.labels
    }

    /// Classes in ascending order of their bytes, and each row's class as an index.
    func classes(at place: String = "/data/labels") throws(TaskFailure) -> (names: [String], indices: [Int]) {
        guard let labels else { throw .invalid("\(place) is absent: a classifier learns from a class for each row") }
        let names = Array(Set(labels)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard names.count >= 2 else {
            throw .invalid("\(place) holds only the class \"\(names.first ?? "")\": there is nothing to tell apart")
        }
        guard names.count <= 200 else { throw .tooLarge("\(place) holds \(names.count) classes; at most 200") }
        let index = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        return (names, labels.map { index[$0] ?? 0 })
    }

    func numbers(at place: String = "/data/target") throws(TaskFailure) -> [Double] {
        guard let target else { throw .invalid("\(place) is absent: a regression learns from a number for each row") }
        return target
    }

    /// FNV-1a (64 bits) of the data as stored: tells whether two models saw the same data; not for security.
    var fingerprint: String {
        var hash = Fingerprint()
        hash.add(matrix.rowCount)
        hash.add(matrix.columnCount)
        for value in matrix.values { hash.add(value) }
        for value in target ?? [] { hash.add(value) }
        for label in labels ?? [] { hash.add(label) }
        return hash.text
    }
}

struct Fingerprint {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    private mutating func add(byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

    mutating func add(_ number: Int) { add(bits: UInt64(bitPattern: Int64(number))) }
    mutating func add(_ number: Double) { add(bits: number.bitPattern) }

    private mutating func add(bits: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { add(byte: UInt8(truncatingIfNeeded: bits >> shift)) }
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte: byte) }
        add(byte: 0)
    }

    var text: String {
        let digits = String(state, radix: 16)
        return "fnv1a64:" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
